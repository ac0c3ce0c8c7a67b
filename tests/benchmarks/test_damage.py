from __future__ import annotations

import struct

import pytest

from benchmarks.damage import BLOCK, KINDS, Case, damage


@pytest.fixture
def content():
    return bytes(range(251)) * 200


def key(place=1000):
    """A place whose header is 60 bytes long, by what is written there."""
    return place


def damaged(content, kind, number=0, codec="zlib"):
    with_key = bytearray(content)
    struct.pack_into(">h", with_key, key() + 14, 60)
    whole = bytes(with_key)
    return whole, damage(whole, Case(codec, kind, number), [key()])


@pytest.mark.parametrize("kind", KINDS)
def test_damage_follows_from_the_case(content, kind):
    changes = {number: damaged(content, kind, number) for number in range(6)}

    assert changes == {number: damaged(content, kind, number) for number in range(6)}
    assert len({after for _, after in changes.values()}) > 1


@pytest.mark.parametrize(
    ("kind", "most"), [("bit", 1), ("byte", 1), ("zeros", BLOCK), ("start", 4)]
)
def test_damage_changes_no_more_than_it_says(content, kind, most):
    for number in range(20):
        before, after = damaged(content, kind, number)
        places = [i for i in range(len(before)) if before[i] != after[i]]
        assert len(before) == len(after)
        assert len(places) <= most
        assert not places or places[-1] - places[0] < most
        assert kind != "start" or places[-1] < 304


def test_damage_cuts_and_appends(content):
    before, cut = damaged(content, "cut")
    _, junk = damaged(content, "junk")

    assert before.startswith(cut)
    assert len(cut) < len(before)
    assert junk.startswith(before)
    assert 0 < len(junk) - len(before) <= BLOCK


def test_damage_swaps_blocks(content):
    before, after = damaged(content, "swapped")

    assert after != before
    assert sorted(after) == sorted(before)


def test_damage_overwrites_a_field_of_a_header(content):
    for number in range(30):
        before, after = damaged(content, "field", number)
        places = [i - key() for i in range(len(before)) if before[i] != after[i]]
        assert not places or (places[0] >= 0 and places[-1] < 60)
