import pytest

from trackdnn.configuration.overrides import override
from trackdnn.errors import SettingsError


def test_override_leaves_its_input_alone():
    content = {"training": [{"epochs": 3}]}

    changed = override(content, "training.0.epochs=4")

    assert content == {"training": [{"epochs": 3}]}
    assert changed == {"training": [{"epochs": 4}]}


def test_override_of_a_list_sets_every_entry():
    content = {"training": [{"epochs": 3}, {"epochs": 5}]}

    changed = override(content, "training.epochs=4")

    assert changed == {"training": [{"epochs": 4}, {"epochs": 4}]}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("epochs", "must read a.b=value"),
        ("=3", "must read a.b=value"),
        ("seed=[", "cannot be read"),
        ("seed=!!float x", "cannot be read"),
        ("seed=2026-13-45", "cannot be read"),
        ("seed.x=1", "goes below a plain value"),
        ("training.3.epochs=1", "entry 3 of a list of 1"),
        (f"training.{'9' * 5000}.epochs=1", "of a list of 1"),
        ("training.².epochs=1", "goes below a plain value"),
    ],
)
def test_bad_override_is_one_clear_line(text, part):
    content = {"seed": 1, "training": [{"²": 1}]}

    with pytest.raises(SettingsError, match=part):
        override(content, text)
