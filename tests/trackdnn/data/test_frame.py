"""A table for people."""

from __future__ import annotations

import numpy as np

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.data.frame import to_frame


def test_frame_has_a_row_per_track_and_all_columns(tracks_factory):
    tracks = tracks_factory(20)

    frame = to_frame(tracks)

    np.testing.assert_array_equal(frame[list(FEATURE_NAMES)], tracks.features)
    np.testing.assert_array_equal(frame["true"], tracks.label)
    np.testing.assert_array_equal(frame["n_vertices"], tracks.extras["n_vertices"])
    assert set(frame["iteration"][frame["trk_originalAlgo"] == 4]) == {"initialStep"}
    assert set(frame["sample"]) == {"tracks"}


def test_frame_without_labels_has_no_such_column(tracks_factory):
    assert "true" not in to_frame(tracks_factory(5, label=False)).columns
