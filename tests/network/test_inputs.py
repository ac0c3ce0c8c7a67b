"""InputSpec: a round trip through JSON, and what it refuses."""

import dataclasses
import json

import pytest

from network.inputs import InputSpec

SPEC = InputSpec(
    names=("pt", "eta"),
    units=("GeV", ""),
    transforms=("absolute_log1p", "identity"),
    lower=(0.0, -3.0),
    upper=(5.0, 3.0),
    scales=(0.5, 1.0),
    vocabulary=(4, 5),
)


def test_spec_survives_json():
    assert InputSpec.from_json(SPEC.to_json()) == SPEC
    assert json.loads(SPEC.to_json())["vocabulary"] == [4, 5]


def test_spec_refuses_unknown_keys():
    with pytest.raises(TypeError, match="colour"):
        InputSpec.from_dict({**SPEC.to_dict(), "colour": "red"})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"units": ("GeV",)}, "`units` must have one entry per input.*1 entries for 2"),
        ({"transforms": ("log", "identity")}, "transform='log' for input 'pt'"),
        ({"lower": (5.0, -3.0)}, "range of input 'pt' must be finite and not empty"),
        ({"upper": (5.0, float("inf"))}, "range of input 'eta'"),
        ({"lower": (float("nan"), 0.0)}, "range of input 'pt'"),
    ],
)
def test_spec_refuses_what_is_impossible(changes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(SPEC, **changes)
