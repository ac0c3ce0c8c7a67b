"""Events stay whole, and stay where they are."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackdnn.data.split import split_events
from trackdnn.data.tracks import Tracks
from trackdnn.errors import NoTracksError
from trackdnn.settings import Split


def make(event):
    event = np.asarray(event, dtype=np.uint64)
    size = len(event)
    return Tracks(
        features=np.zeros((size, 29), np.float32),
        category=np.zeros(size, np.int32),
        label=np.zeros(size, bool),
        event=event,
        sample=np.zeros(size, np.int16),
    )


def events_of(parts):
    return [
        set(part.event.tolist()) if part is not None else set()
        for part in (parts.train, parts.validation, parts.test)
    ]


@given(
    seed=st.integers(0, 2**31 - 1),
    validation=st.floats(0.1, 0.4),
    test=st.floats(0.1, 0.4),
)
def test_no_event_is_in_two_parts_and_none_is_lost(seed, validation, test):
    tracks = make(np.repeat(np.arange(400), 3))

    parts = split_events(tracks, Split(validation=validation, test=test), seed)

    sets = events_of(parts)
    assert sum(len(part) for part in sets) == len(set.union(*sets)) == 400
    sizes = [len(part) for part in (parts.train, parts.validation, parts.test)]
    assert sizes == [3 * len(part) for part in sets]


def test_more_events_do_not_move_the_old_ones():
    few = events_of(split_events(make(np.arange(300)), Split(), seed=4))
    many = events_of(split_events(make(np.arange(900)), Split(), seed=4))

    assert all(old <= new for old, new in zip(few, many, strict=True))


def test_split_has_the_fractions_asked_for():
    parts = split_events(make(np.arange(20_000)), Split(validation=0.2, test=0.1), 1)

    assert len(parts.validation) / 20_000 == pytest.approx(0.2, abs=0.01)
    assert len(parts.test) / 20_000 == pytest.approx(0.1, abs=0.01)


def test_split_follows_the_seed():
    tracks = make(np.arange(1000))

    first = events_of(split_events(tracks, Split(), 1))
    again = events_of(split_events(tracks, Split(), 1))
    other = events_of(split_events(tracks, Split(), 2))

    assert first == again != other


def test_split_does_not_depend_on_the_order_of_tracks():
    event = np.arange(500)

    forward = events_of(split_events(make(event), Split(), 1))

    assert forward == events_of(split_events(make(event[::-1]), Split(), 1))


def test_split_without_a_test_part():
    parts = split_events(make(np.arange(500)), Split(test=0.0), 1)

    assert parts.test is None
    assert len(parts.train) + len(parts.validation) == 500


def test_split_keeps_rows_together(tracks_factory):
    tracks = tracks_factory(3000, tracks_per_event=10)
    number = np.arange(3000, dtype=np.float32)
    tracks = dataclasses.replace(tracks, extras={"number": number})

    train = split_events(tracks, Split(), 1).train

    rows = train.extras["number"].astype(int)
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(train.features, tracks.features[rows])


def test_split_of_too_few_events_names_the_part():
    with pytest.raises(NoTracksError, match=r"validation part.*=0\.001 of 9 events"):
        split_events(make(np.arange(9)), Split(validation=0.001), 1)
