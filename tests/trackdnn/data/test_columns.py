"""A chunk of events to one row per track, against loops over events and tracks."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from trackdnn.data.branches import Plan
from trackdnn.data.columns import Chunk
from trackdnn.data.features import CATEGORY_BRANCH, FEATURES
from trackdnn.data.hashing import event_keys

COUNTS = [2, 0, 3]
ID = ("run", "lumi", "event")


def make_plan(**changes):
    options = {
        "where": "here",
        "label": "trk_isTrue",
        "match_counts": None,
        "mva": False,
        "vertices": ("vtx_z", "vtx_fake", "vtx_valid"),
        "event_id": ID,
    }
    return Plan(**options | changes)


def make_arrays(**changes):
    rng = np.random.default_rng(1)
    columns = {
        feature.branch: ak.unflatten(rng.normal(size=5), COUNTS) for feature in FEATURES
    }
    columns |= {
        CATEGORY_BRANCH: ak.unflatten(np.array([4, 5, 2**32 - 1, 99, 7], "u4"), COUNTS),
        "trk_isTrue": ak.unflatten(np.array([1, 0, 0, 1, 1]), COUNTS),
        "vtx_z": ak.Array([[0.0, 1.0], [2.0], [3.0, 4.0, 5.0]]),
        "vtx_fake": ak.Array([[0, 0], [1], [0, 1, 0]]),
        "vtx_valid": ak.Array([[1, 1], [1], [1, 1, 0]]),
        "run": ak.Array([1, 1, 1]),
        "lumi": ak.Array([2, 2, 2]),
        "event": ak.Array([8, 9, 10]),
    }
    return ak.Array(columns | changes)


def test_chunk_equals_its_slow_twin():
    arrays = make_arrays()

    tracks = Chunk(arrays, make_plan(), Path("a.root"), 0).tracks("x", 0)

    row = 0
    good = [2, 0, 1]
    keys = event_keys("x", *(np.array(arrays[name]) for name in ID))
    for event, count in enumerate(COUNTS):
        for track in range(count):
            for column, feature in enumerate(FEATURES):
                expected = np.float32(arrays[feature.branch][event][track])
                assert tracks.features[row, column] == expected
            assert tracks.label[row] == bool(arrays["trk_isTrue"][event][track])
            assert tracks.event[row] == keys[event]
            assert tracks.extras["n_vertices"][row] == good[event]
            row += 1
    assert row == len(tracks)


def test_chunk_keeps_categories_that_do_not_fit_unknown():
    category = Chunk(make_arrays(), make_plan(), Path("a"), 0).tracks("x", 0).category

    assert category.tolist() == [4, 5, 2**31 - 1, 99, 7]


def test_chunk_counts_negative_categories_as_unknown():
    arrays = make_arrays(
        **{CATEGORY_BRANCH: ak.unflatten(np.array([4, -(2**40), 7, 9, 2**40]), COUNTS)}
    )

    category = Chunk(arrays, make_plan(), Path("a"), 0).tracks("x", 0).category

    assert category.tolist() == [4, -1, 7, 9, 2**31 - 1]


@pytest.mark.parametrize(
    ("label", "matches"),
    [
        ("trk_simTrkIdx", ak.Array([[[3], []], [], [[], [1, 2], [0]]])),
        ("trk_bestSimTrkIdx", ak.Array([[3, -1], [], [-1, 1, 0]])),
    ],
)
def test_chunk_reads_other_labels(label, matches):
    arrays = make_arrays(**{label: matches})

    tracks = Chunk(arrays, make_plan(label=label), Path("a"), 0).tracks("x", 0)

    assert tracks.label.tolist() == [True, False, False, True, True]


def test_chunk_reads_flat_matches_with_counts():
    arrays = make_arrays(
        trk_nSimTrk=ak.unflatten(np.array([1, 0, 0, 2, 1]), COUNTS),
        trk_simTrkIdx=ak.Array([[3], [], [1, 2, 0]]),
    )
    plan = make_plan(label="trk_simTrkIdx", match_counts="trk_nSimTrk")

    tracks = Chunk(arrays, plan, Path("a"), 0).tracks("x", 0)

    assert tracks.label.tolist() == [True, False, False, True, True]


def test_chunk_without_event_numbers_takes_file_name_and_position():
    plan = make_plan(event_id=())
    first = Chunk(make_arrays(), plan, Path("/x/a.root"), 0).event_keys("s")
    moved = Chunk(make_arrays(), plan, Path("/y/a.root"), 0).event_keys("s")
    later = Chunk(make_arrays(), plan, Path("/x/a.root"), 3).event_keys("s")
    other = Chunk(make_arrays(), plan, Path("/x/b.root"), 0).event_keys("s")

    assert first.tolist() == moved.tolist()
    assert len({*first.tolist(), *later.tolist(), *other.tolist()}) == 9


def test_chunk_turns_values_beyond_float32_infinite():
    big = ak.unflatten(np.full(5, -1e300), COUNTS)

    tracks = Chunk(make_arrays(trk_dz=big), make_plan(), Path("a"), 0).tracks("x", 0)

    assert np.isneginf(tracks.features).sum() == 5
