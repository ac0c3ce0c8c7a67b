import pytest

from trackdnn.configuration.forms.place import Place
from trackdnn.errors import SettingsError


@pytest.fixture
def place():
    return Place({"a": 1, "b": 2.5, "c": "x", "d": {"e": True}}, "top", "file.yaml")


def test_names_are_exchanged(place):
    place.move("a", "ours", lambda value: value + 1)
    place.move("missing", "other")

    assert place.content["ours"] == 2
    assert not {"a", "other"} & set(place.content)
    assert "b" in place


def test_numbers_are_checked(place):
    assert place.number("b") == 2.5
    assert place.number("missing", 3) == 3
    assert place.count("a") == 1


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda p: p.number("c"), "'top.c' must be a number. Received: 'x'"),
        (lambda p: p.number("none"), "'top.none' must be a number. Received: None"),
        (lambda p: p.branch("d").number("e"), "'top.d.e' must be a number"),
        (lambda p: p.count("b"), "'top.b' must be a whole number, 1 or more"),
        (lambda p: p.branch("a"), "'top.a' must be a mapping"),
        (lambda p: p.move("a", "b"), "'top.a' and 'top.b' mean the same: give one"),
        (
            lambda p: p.refuse({"a": "why"}),
            "'top.a' must be left out: why. Received: 1",
        ),
        (lambda p: p.branch("d").finish("d", ("f",)), "'top.d.e' .* d reads f"),
    ],
)
def test_faults_are_told_in_the_words_of_the_file(place, act, message):
    with pytest.raises(SettingsError, match=f"^file.yaml: {message}"):
        act(place)
