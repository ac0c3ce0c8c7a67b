"""The cuts against a loop over tracks."""

from __future__ import annotations

import numpy as np

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.data.selection import select
from trackdnn.settings import Selection

STRIP = FEATURE_NAMES.index("nStrip")


def slow_select(strip, category, selection):
    keep, first, second = [], 0, 0
    for hits, algo in zip(strip, category, strict=True):
        if algo in selection.drop_algorithms:
            first += 1
        elif not hits >= selection.min_strip_hits:
            second += 1
        keep.append(algo not in selection.drop_algorithms and hits >= 3)
    return keep, [first, second]


def test_select_equals_its_slow_twin():
    rng = np.random.default_rng(1)
    features = np.zeros((500, 29), np.float32)
    features[:, STRIP] = rng.integers(0, 8, 500)
    features[:20, STRIP] = np.nan
    category = rng.integers(10, 16, 500).astype(np.int32)
    selection = Selection(drop_algorithms=(13, 14), min_strip_hits=3)

    keep, removed = select(features, category, selection)

    slow_keep, slow_removed = slow_select(features[:, STRIP], category, selection)
    assert keep.tolist() == slow_keep
    assert list(removed.values()) == slow_removed
    assert list(removed) == ["originalAlgo in (13, 14)", "nStrip < 3"]


def test_select_without_cuts_keeps_everything(tracks_factory):
    tracks = tracks_factory(50)

    keep, removed = select(
        tracks.features, tracks.category, Selection(drop_algorithms=())
    )

    assert keep.all()
    assert set(removed.values()) == {0}
