"""Events are split by name."""

import dataclasses

import pytest

from trackdnn.events.selection import split_sources
from trackdnn.settings import Split


@dataclasses.dataclass(frozen=True)
class Named:
    name: str


EVENTS = [Named(f"event{number:09d}") for number in range(2000)]
SPLIT = Split(validation=0.1, test=0.2)


def test_split_gives_each_event_to_one_part():
    parts = split_sources(EVENTS, SPLIT)

    assert list(parts) == ["train", "validation", "test"]
    assert sorted(
        (one for part in parts.values() for one in part), key=lambda one: one.name
    ) == list(EVENTS)
    assert len(parts["validation"]) == pytest.approx(200, abs=60)
    assert len(parts["test"]) == pytest.approx(400, abs=80)


def test_split_keeps_the_order():
    for part in split_sources(EVENTS, SPLIT).values():
        assert part == sorted(part, key=lambda one: one.name)


def test_split_does_not_move_events_when_others_join():
    few, all_of = split_sources(EVENTS[:50], SPLIT), split_sources(EVENTS, SPLIT)

    for part, events in few.items():
        assert set(events) <= set(all_of[part])


def test_split_follows_the_seed():
    other = Split(validation=0.1, test=0.2, seed=2)

    assert split_sources(EVENTS, SPLIT) != split_sources(EVENTS, other)


def test_split_of_nothing_is_nothing():
    assert split_sources([], SPLIT) == {"train": [], "validation": [], "test": []}
