"""Where the rows of the check come from."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from benchmarks import cut_rows
from export.cut_safety import Cuts
from export.parity import Probe
from network.inputs import InputSpec
from trackdnn.data.features import FEATURE_NAMES
from trackdnn.errors import InputError


@pytest.fixture
def ntuple(ntuple_factory):
    return ntuple_factory("tracks.root")


@pytest.fixture
def spec():
    return InputSpec(
        names=FEATURE_NAMES[:3],
        units=("",) * 3,
        transforms=("identity",) * 3,
        lower=(-1.0,) * 3,
        upper=(1.0,) * 3,
        scales=(1.0,) * 3,
        vocabulary=(4, 5),
    )


def first_column(features, category):
    value = np.clip(np.nan_to_num(features[:, :1]), -9, 9)
    return (1 / (1 + np.exp(-value))).astype(np.float32)


def tracks(count):
    rng = np.random.default_rng(2)
    features = rng.normal(size=(count, 3)).astype(np.float32)
    return Probe(features, rng.choice(np.float32([4, 5]), (count, 1)))


def test_a_third_are_tracks_and_a_third_is_searched(spec):
    points = {"loose": Cuts(-0.2)}

    rows = cut_rows.rows_of(spec, first_column, points, 3000, tracks(5000))

    counts = dict(zip(rows.names, np.bincount(rows.groups).tolist(), strict=True))
    assert counts["tracks"] == counts["drawn"] == 1000
    searched = sum(counts[name] for name in counts if name.startswith("near"))
    assert 600 < searched <= 1000
    assert len(rows.probe) == len(rows.groups) == sum(counts.values())


def test_rows_are_mixed_and_stay_with_their_group(spec):
    data = tracks(1000)

    rows = cut_rows.rows_of(spec, first_column, {"one": Cuts(0.1)}, 3000, data)

    own = rows.probe.features[rows.groups == 0]
    assert (np.diff(rows.groups[:200]) != 0).any()
    assert {tuple(row) for row in own} == {tuple(row) for row in data.features}


def test_tracks_are_read_from_root_files(spec, ntuple):
    found = cut_rows.tracks_of([str(ntuple)], spec, 50)

    assert found.features.shape == (50, 3)
    assert found.features.dtype == found.category.dtype == np.float32
    assert found.category.shape == (50, 1)


def test_no_data_is_no_tracks(spec):
    assert cut_rows.tracks_of([], spec, 50) is None


def test_inputs_of_other_networks_are_refused(spec, ntuple):
    strange = dataclasses.replace(spec, names=("trk_pt", "inner_px", "speed"))

    with pytest.raises(InputError, match=r"inputs of the track classifier.*'speed'"):
        cut_rows.tracks_of([str(ntuple)], strange, 50)
