"""Short forms, options against Keras' own, and each thing that is refused."""

import pytest
from pydantic import ValidationError

from trackdnn.settings.optimizer import (
    DEFAULT_DECAY,
    OPTIMIZERS,
    RATE_FREE,
    OptimizerSettings,
    default_rate,
)


def parse(content):
    return OptimizerSettings.model_validate(content)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_of_a_word_has_its_defaults(name):
    settings = parse(name)

    assert settings == OptimizerSettings(name=name) == parse({"type": name})
    assert settings.decay == DEFAULT_DECAY.get(name, 0.0)
    assert parse(settings.model_dump(mode="json")) == settings


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_default_of_an_option_is_a_value_of_it(name):
    assert parse({"name": name, "options": dict(OPTIMIZERS[name])}).name == name


def test_decay_that_is_given_counts():
    assert parse({"name": "sgd", "weight_decay": 0.1}).decay == 0.1


def test_default_rate_is_one_where_the_optimizer_finds_it():
    assert [default_rate(name) for name in (*RATE_FREE, "adamw")] == [1, 1, 2e-3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("adamv", r"name must be one of adam, .*Did you mean 'adam"),
        (
            {"name": "sgd", "options": {"momentun": 0.9}},
            r"sgd has no option 'momentun'. Did you mean 'momentum'\? It has: momentum",
        ),
        ({"options": {"clipnorm": 1.0}}, r"adamw has no option 'clipnorm'"),
        ({"options": {"beta_1": 1.0}}, r"'beta_1' must be in \[0, 1\). Received: 1.0"),
        ({"options": {"beta_1": "0.9"}}, r"'beta_1' must be a number. Received: '0.9'"),
        ({"options": {"epsilon": 0}}, r"'epsilon' must be above 0. Received: 0"),
        ({"options": {"epsilon": float("inf")}}, r"'epsilon' must be finite"),
        ({"options": {"amsgrad": 1}}, r"'amsgrad' must be true or false. Received: 1"),
        (
            {"name": "muon", "options": {"ns_steps": 2.5}},
            r"'ns_steps' must be a whole number. Received: 2.5",
        ),
        (
            {"name": "muon", "options": {"exclude_layers": "head"}},
            r"'exclude_layers' must be a list of names. Received: 'head'",
        ),
        (
            {"name": "prodigy", "options": {"growth": "fast"}},
            r"'growth' must be a number. Received: 'fast'",
        ),
        (
            {"name": "adam", "weight_decay": 0.1},
            r"weight_decay must be 0 for adam.*Name the optimizer adamw",
        ),
        (
            {"name": "adam", "groups": [{"match": "head", "weight_decay": 0.1}]},
            r"weight_decay must be 0 for adam",
        ),
        (
            {"name": "prodigy", "groups": [{"match": "head", "rate": 0.1}]},
            r"rate of each group must be 1 for prodigy",
        ),
        ({"groups": [{"match": "head("}]}, r"match\n.*must be a regular expression"),
        ({"groups": [{"match": "head", "rate": 0}]}, r"greater than 0"),
        ({"weight_decay": -1}, r"greater than or equal to 0"),
        ({"lr": 1e-3}, r"Extra inputs"),
    ],
)
def test_optimizer_refuses(content, message):
    with pytest.raises(ValidationError, match=message):
        parse(content)
