"""Columns of equal length, and rows taken from them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from trackdnn.errors import InputError


def test_tracks_take_keeps_rows_together(tracks_factory):
    tracks = tracks_factory(100)
    rows = np.array([5, 3, 99])

    taken = tracks.take(rows)

    assert len(taken) == 3
    for row, source in enumerate(rows):
        np.testing.assert_array_equal(taken.features[row], tracks.features[source])
        assert taken.label[row] == tracks.label[source]
        assert taken.event[row] == tracks.event[source]
        assert taken.extras["trk_mva"][row] == tracks.extras["trk_mva"][source]


def test_tracks_take_works_without_labels(tracks_factory):
    tracks = tracks_factory(10, label=False)

    assert tracks.take(np.arange(10) < 4).label is None


@pytest.mark.parametrize("name", ["category", "event", "sample", "label"])
def test_tracks_of_unequal_columns_are_refused(tracks_factory, name):
    tracks = tracks_factory(10)
    short = getattr(tracks, name)[:9]

    with pytest.raises(InputError, match=rf"`{name}`.*one entry per track.*\(9,\)"):
        dataclasses.replace(tracks, **{name: short})
