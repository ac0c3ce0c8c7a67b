"""What is plain is copied; all else is one line."""

import datetime

import numpy as np
import pytest

from trackdnn.configuration.plain import MAX_DEPTH, MAX_VALUES, plain
from trackdnn.errors import SettingsError


def nested(levels):
    node = 1
    for _ in range(levels):
        node = [node]
    return {"a": node}


def bomb(levels, width=10):
    """`width` to the power of `levels` values in `levels` lists."""
    node = [1]
    for _ in range(levels):
        node = [node] * width
    return {"a": {"b": node}}


def test_copy_is_equal_and_of_plain_types():
    content = {"a": (1, np.float64(0.5), {"b": None}), "c": "é", "d": True}

    copy = plain(content, "x")

    assert copy == {"a": [1, 0.5, {"b": None}], "c": "é", "d": True}
    assert type(copy["a"][1]) is float
    assert type(copy["d"]) is bool


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ({"a": {"b": datetime.date(2026, 1, 1)}}, "'a.b': must be text, a number"),
        ({"a": b"1"}, "must be text, a number"),
        ({"a": {1}}, "must be text, a number"),
        ({"a": [float("nan")]}, "'a.0': must be a finite number. Received: nan"),
        ({"a": float("inf")}, "must be a finite number"),
        ({"a": 1 << 5000}, r"must be below 2\^1023"),
        ({"a": {1: 2}}, "'a': must have keys of text, in quotes. Received: 1"),
        ({"a": "\ud800"}, "must be text in Unicode"),
        ({"a": "b\x85"}, "'a': must be text without control characters"),
        ({"\x1b[31m": 1}, "the settings: must be text without control characters"),
        ({"\ud800": 1}, "the settings: must be text in Unicode"),
        (nested(MAX_DEPTH), "nested too deeply"),
        (nested(2000), "nested too deeply"),
        (bomb(30), f"at most {MAX_VALUES:,} values"),
        (bomb(MAX_DEPTH, 1), "nested too deeply"),
    ],
)
def test_what_is_not_plain_is_one_clear_line(content, part):
    with pytest.raises(SettingsError, match=f"^x: .*{part}") as caught:
        plain(content, "x")

    assert len(str(caught.value)) < 250


def test_circle_is_nested_too_deeply():
    content = {}
    content["a"] = content

    with pytest.raises(SettingsError, match="nested too deeply"):
        plain(content, "x")


def test_deepest_and_largest_are_taken():
    assert plain(nested(MAX_DEPTH - 2), "x") == nested(MAX_DEPTH - 2)
    assert plain(bomb(4), "x") == bomb(4)
