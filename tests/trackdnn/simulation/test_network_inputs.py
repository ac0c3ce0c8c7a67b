import numpy as np
import pytest

from trackdnn.data.branches import plan_branches
from trackdnn.data.features import FEATURES
from trackdnn.data.files import open_tree
from trackdnn.data.reader import iterate_chunks
from trackdnn.simulation.network_inputs import network_inputs
from trackdnn.simulation.ntuple import BRANCHES, TREE, NtupleWriter

NAMES = [feature.branch.removeprefix("trk_") for feature in FEATURES]


def columns_of(event):
    return {
        name.removeprefix("trk_"): values
        for name, values in event.items()
        if name.startswith("trk_")
    }


@pytest.fixture
def tracks():
    rng = np.random.default_rng(3)
    columns = {name: rng.uniform(0, 9, 5) for name in NAMES}
    return columns | {"originalAlgo": np.array([4, 5, 7, 9, 4])}


def test_network_inputs_are_the_branches_in_the_order_of_the_features(tracks):
    features, category = network_inputs(tracks)

    for row in range(5):
        for column, feature in enumerate(FEATURES):
            value = tracks[feature.branch.removeprefix("trk_")][row]
            expected = np.float32(BRANCHES[feature.branch].type(value))
            assert features[row, column] == expected
    assert (features.shape, features.dtype) == ((5, 29), np.float32)
    assert (category.tolist(), category.dtype) == ([4, 5, 7, 9, 4], np.int32)


def test_network_inputs_keep_nan(tracks):
    tracks["ptErr"][2] = np.nan

    features, _ = network_inputs(tracks)

    assert np.argwhere(np.isnan(features)).tolist() == [[2, NAMES.index("ptErr")]]


def test_network_inputs_of_no_track_have_all_columns(tracks):
    features, category = network_inputs({k: v[:0] for k, v in tracks.items()})

    assert features.shape == (0, 29)
    assert category.shape == (0,)


def test_network_inputs_are_those_that_the_file_gives(acts_run, tmp_path):
    path = tmp_path / "tracks.root"
    with NtupleWriter(path) as writer:
        writer.write(acts_run.events)

    made = [network_inputs(columns_of(event)) for event in acts_run.events]

    with open_tree(path, TREE) as tree:
        plan = plan_branches(tree, str(path), label="auto", need_label=False)
        read = [c.tracks("a", 0) for c in iterate_chunks(tree, plan, path)]
    np.testing.assert_array_equal(
        np.concatenate([features for features, _ in made]),
        np.concatenate([part.features for part in read]),
    )
    np.testing.assert_array_equal(
        np.concatenate([category for _, category in made]),
        np.concatenate([part.category for part in read]),
    )
