import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from tests.trackdnn.tracking.joining.pieces import broken
from trackdnn.errors import BadFileError
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_filter.trees import Trees, onnx_of
from trackdnn.settings.finding import JoiningSettings
from trackdnn.tracking.found import from_lists
from trackdnn.tracking.joining.features import FEATURES
from trackdnn.tracking.joining.joining import FILE, TrackJoining, joined


def content(names=FEATURES):
    rng = np.random.default_rng(1)
    features = rng.normal(size=(300, len(names))).astype("f4")
    trees = HistGradientBoostingClassifier(max_iter=3)
    return onnx_of(trees.fit(features, features[:, 0] > 0), names)


def lists(tracks):
    return [track.tolist() for track in tracks]


def test_joined_takes_the_best_pairs_first():
    tracks = from_lists([[0, 1], [2, 3], [4, 5], [6, 7]])
    pairs = np.array([[0, 0, 1], [2, 3, 3]])

    found = joined(tracks, pairs, np.array([0.7, 0.9, 0.8], "f4"), 0.5)

    assert lists(found) == [[0, 1, 6, 7], [2, 3], [4, 5]]


def test_joined_makes_chains():
    tracks = from_lists([[4, 5], [0, 1], [2, 3]])
    pairs = np.array([[1, 2], [2, 0]])

    found = joined(tracks, pairs, np.array([0.7, 0.9], "f4"), 0.5)

    assert lists(found) == [[0, 1, 2, 3, 4, 5]]


def test_joined_leaves_pairs_that_are_not_above_the_cut():
    tracks = from_lists([[0, 1], [2, 3]])
    pairs = np.array([[0], [1]])

    assert len(joined(tracks, pairs, np.array([0.5], "f4"), 0.5)) == 2


def test_joined_takes_the_first_of_equally_good_pairs():
    tracks = from_lists([[0, 1], [2, 3], [4, 5]])
    pairs = np.array([[0, 0], [1, 2]])

    found = joined(tracks, pairs, np.array([0.8, 0.8], "f4"), 0.5)

    assert lists(found) == [[0, 1, 2, 3], [4, 5]]


def test_joining_loses_no_hit_and_takes_none_twice():
    event, graph, tracks, _ = broken(30)
    joining = TrackJoining(Trees(content()))

    found = joining.join(event, graph, tracks, JoiningSettings(eta=1.0, cut=0.0))

    assert len(found) < len(tracks)
    assert sorted(found.hits.tolist()) == sorted(tracks.hits.tolist())


def test_joining_does_not_look_at_truth():
    event, graph, tracks, _ = broken(20)
    joining = TrackJoining(Trees(content()))
    settings = JoiningSettings()

    found = joining.join(event, graph, tracks, settings)
    blind = joining.join(without_truth(event), graph, tracks, settings)

    assert lists(found) == lists(blind)


def test_joining_of_no_track_is_none():
    event, graph, _, _ = broken(4)
    joining = TrackJoining(Trees(content()))

    assert len(joining.join(event, graph, from_lists([]), JoiningSettings())) == 0


def test_joining_is_the_same_after_it_was_saved(tmp_path):
    TrackJoining(Trees(content())).save(tmp_path)

    TrackJoining.load(tmp_path).save(tmp_path)

    assert (tmp_path / FILE).read_bytes() == content()


@pytest.mark.parametrize("text", [b"none", content(FEATURES[:3])])
def test_joining_refuses_what_is_none(tmp_path, text):
    (tmp_path / FILE).write_bytes(text)

    with pytest.raises(BadFileError, match=r"pairs\.onnx.*must hold boosted trees"):
        TrackJoining.load(tmp_path)
