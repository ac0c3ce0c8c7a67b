"""Features are what their table says, of order 1 and never NaN."""

import dataclasses
import math

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.events import features
from trackdnn.events.clusters import FEATURES as CLUSTER
from trackdnn.events.event import without_truth
from trackdnn.events.features import (
    GROUPS,
    feature_table,
    layer_ids,
    node_features,
)
from trackdnn.events.layers import LAYERS


def with_clusters(event, seed=1):
    """Clusters of lengths and angles as they occur."""
    rng = np.random.default_rng(seed)
    low = [1, 0.1, 0.03, 0.3, 0.05, 0.05, 0.3, -4, -math.pi]
    high = [30, 24, 2.1, 1.57, 3, 22, 0.7, 4, math.pi]
    shapes = rng.uniform(low, high, (len(event), 9))
    shapes[:, 0] = shapes[:, 0].round()
    return dataclasses.replace(event, clusters=shapes.astype("f4"))


def slow(event, row):
    """The formulas of the table, for one hit."""
    x, y, z = (float(getattr(event.hits, name)[row]) for name in "xyz")
    phi = math.atan2(y, x)
    found = {
        "r": math.hypot(x, y) / 1000,
        "phi": phi / math.pi,
        "z": z / 1000,
        "cos_phi": math.cos(phi),
        "sin_phi": math.sin(phi),
    }
    place = (int(event.hits.volume[row]), int(event.hits.layer[row]))
    for volume, layer in LAYERS:
        found[f"v{volume}_l{layer}"] = float(place == (volume, layer))
    found["other_layer"] = float(place not in LAYERS)
    names = ("has_cluster", *CLUSTER)
    if event.clusters is None:
        return found | dict.fromkeys(names, 0.0)
    shape = dict(zip(CLUSTER, map(float, event.clusters[row]), strict=True))
    return found | {
        "has_cluster": 1.0,
        "cell_count": math.log(shape["cell_count"]),
        "cell_val": math.log(1 + shape["cell_val"]),
        "leta": shape["leta"] / 4,
        "lphi": shape["lphi"] / math.pi,
        "lx": math.log(shape["lx"]),
        "ly": math.log(shape["ly"]),
        "lz": shape["lz"],
        "geta": shape["geta"] / 4,
        "gphi": shape["gphi"] / math.pi,
    }


@pytest.mark.parametrize("clusters", [True, False])
def test_features_agree_with_their_formulas(clusters):
    event = toy_event(20, noise=10)
    event = with_clusters(event) if clusters else event

    found = node_features(event)

    names = [one.name for one in feature_table()]
    assert found.shape == (len(event), len(names))
    assert found.dtype == np.float32
    for row in range(len(event)):
        expected = slow(event, row)
        assert list(expected) == names
        assert found[row] == pytest.approx(list(expected.values()), abs=1e-5)


def test_names_are_unique():
    names = [one.name for one in feature_table()]

    assert len(set(names)) == len(names) == 3 + 2 + 49 + 10
    assert all(one.formula for one in feature_table())


def test_cluster_features_are_in_the_order_of_the_clusters():
    assert [one.name for one in feature_table(["cluster"])][1:] == list(CLUSTER)


def test_groups_come_in_the_order_asked_for():
    event = with_clusters(toy_event(5))

    found = node_features(event, ["cluster", "position"])

    np.testing.assert_array_equal(found[:, :10], node_features(event, ["cluster"]))
    np.testing.assert_array_equal(found[:, 10:], node_features(event, ["position"]))
    assert node_features(event, []).shape == (len(event), 0)


@pytest.mark.parametrize("groups", [["colour"], ["turn", "turn"], ["position", ""]])
def test_unknown_groups_are_refused(groups):
    for function in (feature_table, lambda groups: node_features(toy_event(1), groups)):
        with pytest.raises(ValueError, match=r"position, turn.*Received"):
            function(groups)


def test_strange_clusters_give_numbers():
    event = with_clusters(toy_event(2))
    event.clusters[0, 3] = np.nan
    event.clusters[1, 7] = np.inf
    event.clusters[2] = 0.0
    event.clusters[3] = -1.0

    found = node_features(event, ["cluster"])

    assert np.isfinite(found).all()
    assert not found[:2].any()
    assert found[2:, 0].all()


def test_hits_of_other_detectors_have_a_layer_of_their_own():
    event = toy_event(5)
    hits = dataclasses.replace(event.hits, volume=event.hits.volume * 0 + 99)
    event = dataclasses.replace(event, hits=hits)

    assert set(layer_ids(event)) == {48}
    assert node_features(event, ["layer"])[:, 48].all()
    assert node_features(event, ["layer"]).sum() == len(event)


def test_hit_on_the_beam_line_has_features():
    event = toy_event(1)
    zeros = {name: np.zeros(len(event), dtype="f4") for name in "xyz"}
    event = dataclasses.replace(event, hits=dataclasses.replace(event.hits, **zeros))

    found = node_features(event, ["position", "turn"])

    assert found[0].tolist() == [0, 0, 0, 1, 0]


@pytest.mark.parametrize(("particles", "noise"), [(0, 0), (0, 1)])
def test_small_events_have_features(particles, noise):
    event = toy_event(particles, noise=noise)

    assert node_features(event).shape == (noise, 64)
    assert node_features(with_clusters(event)).shape == (noise, 64)


def test_features_know_no_truth():
    event = with_clusters(toy_event(10))

    np.testing.assert_array_equal(
        node_features(event), node_features(without_truth(event))
    )


def test_page_of_the_module_lists_every_feature():
    for group in GROUPS:
        assert f"`{group}`" in features.__doc__
    for one in (*feature_table(["position", "turn", "cluster"]), *feature_table()[-1:]):
        assert f"`{one.name}`" in features.__doc__


def test_features_are_of_order_one():
    event = with_clusters(toy_event(200, noise=100))

    assert np.abs(node_features(event)).max() < 4
