"""Events as arrays, and what is drawn of them."""

import numpy as np
import pytest

from tests.trackdnn.graphs.metric_learning.small import small
from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import without_truth
from trackdnn.events.features import node_features
from trackdnn.graphs.metric_learning.units import REFERS, draw, unit_of
from trackdnn.graphs.truth_graphs import true_edges

EVENT = toy_event(40, noise=30, seed=5)


def rng():
    return np.random.default_rng(3)


def pairs_of(unit):
    return {tuple(sorted(pair)) for pair in unit.T.tolist()}


def test_unit_has_features_and_particles_and_true_edges():
    unit = unit_of(EVENT, small())

    expected = node_features(without_truth(EVENT), ("position", "turn"))
    np.testing.assert_array_equal(unit["nodes"], expected)
    np.testing.assert_array_equal(unit["particle"] - 1, EVENT.owner())
    np.testing.assert_array_equal(unit["edges"], true_edges(EVENT, "modulewise"))


def test_truth_mode_is_that_of_the_settings():
    unit = unit_of(EVENT, small(truth="hyper"))

    np.testing.assert_array_equal(unit["edges"], true_edges(EVENT, "hyper"))


def test_everything_is_drawn_where_there_is_room():
    whole = unit_of(EVENT, small())
    unit = draw(whole, small(queries=10**6, others=10**6), rng())

    drawn = np.stack([unit["query"], unit["partner"]])
    assert pairs_of(drawn) == pairs_of(whole["edges"])
    assert drawn.shape == whole["edges"].shape
    np.testing.assert_array_equal(unit["nodes"], whole["nodes"])
    np.testing.assert_array_equal(unit["other"], np.arange(len(EVENT)))
    # Each end is the query of some edges.
    assert 0.3 < np.mean(unit["query"] == whole["edges"][0]) < 0.7


def test_few_are_drawn_with_their_own_columns():
    whole = unit_of(EVENT, small())
    unit = draw(whole, small(queries=20, others=30), rng())

    assert len(unit["query"]) == len(unit["partner"]) == len(unit["weight"]) == 20
    assert len(set(unit["other"].tolist())) == 30
    used = set(
        np.concatenate([unit[n] for n in ("query", "partner", "other")]).tolist()
    )
    assert used == set(range(len(unit["nodes"])))
    # Rows of the drawn hits as rows of the event: features of hits are unique.
    place = {row.tobytes(): n for n, row in enumerate(whole["nodes"])}
    rows = np.array([place[row.tobytes()] for row in unit["nodes"]])
    np.testing.assert_array_equal(unit["particle"], whole["particle"][rows])
    found = pairs_of(rows[np.stack([unit["query"], unit["partner"]])])
    assert len(found) == 20
    assert found <= pairs_of(whole["edges"])


def test_draw_follows_from_its_generator():
    whole, settings = unit_of(EVENT, small()), small(queries=20, others=30)
    one, two = (draw(whole, settings, rng()) for _ in range(2))
    other = draw(whole, settings, np.random.default_rng(4))

    for name in one:
        np.testing.assert_array_equal(one[name], two[name])
    assert one["query"].tolist() != other["query"].tolist()


def test_indices_and_numbers_have_the_types_of_the_engine():
    unit = draw(unit_of(EVENT, small()), small(), rng())

    for name in (*REFERS, "particle", "event"):
        assert unit[name].dtype == np.int32
    for name in ("nodes", "weight"):
        assert unit[name].dtype == np.float32
    assert set(REFERS) | set(REFERS.values()) <= set(unit)


@pytest.mark.parametrize(("particles", "noise"), [(0, 0), (0, 1), (0, 9), (1, 0)])
def test_events_of_few_hits(particles, noise):
    event = toy_event(particles, noise=noise)
    whole = unit_of(event, small())
    unit = draw(whole, small(queries=3), rng())

    assert len(unit["query"]) == min(whole["edges"].shape[1], 3)
    assert len(unit["nodes"]) == len(event)
