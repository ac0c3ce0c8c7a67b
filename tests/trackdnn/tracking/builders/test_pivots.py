import dataclasses

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.builders.chains import chains, particles_of, sets_of
from trackdnn.errors import InputError
from trackdnn.graphs.graph import Graph, graph_of
from trackdnn.settings.finding import PivotsSettings
from trackdnn.tracking.builders.pivots import Pivots

SETTINGS = PivotsSettings(cut=0.25, walk_cut=0.5)


class Oracle:
    """Knows the particle of each hit by its state, and goes by the first pivot."""

    def __init__(self):
        self.micrographs = 0

    def of_hits(self, state, tokens, valid, pivots, pivot_valid):
        self.micrographs += len(tokens)
        owner = state[:, 0]
        first = owner[pivots[:, :1]]
        return (valid & (owner[tokens] == first) & (first >= 0)).astype("f4")


def with_owners(event, graph):
    return graph.with_state(event.owner().astype("f4")[:, None])


@pytest.fixture(scope="module")
def event():
    return toy_event(50, noise=20)


@pytest.fixture(scope="module")
def graph(event):
    return with_owners(event, chains(event, false=300))


@pytest.mark.parametrize("simple", [True, False])
def test_pivots_find_particles_between_false_edges(event, graph, simple):
    settings = SETTINGS.model_copy(update={"simple": simple})

    tracks = Pivots(settings, Oracle()).build(event, graph)

    assert sets_of(tracks) == particles_of(event)


def test_pivots_take_components_without_a_branch_as_they_are(event):
    graph = with_owners(event, chains(event))
    oracle = Oracle()

    tracks = Pivots(SETTINGS, oracle).build(event, graph)

    assert sets_of(tracks) == particles_of(event)
    assert oracle.micrographs == 0


def test_pivots_lead_outwards(event, graph):
    tracks = Pivots(SETTINGS, Oracle()).build(event, graph)

    for track in tracks:
        assert (np.diff(event.hits.distance[track]) >= 0).all()


def test_pivots_find_the_same_in_any_order_of_hits(event, graph):
    turn = np.random.default_rng(1).permutation(len(event))
    back = np.argsort(turn)
    turned = event.take(turn)

    same = graph_of(turned, back[graph.edges], graph.score)
    one = Pivots(SETTINGS, Oracle()).build(event, graph)
    other = Pivots(SETTINGS, Oracle()).build(turned, with_owners(turned, same))

    # The very same tracks in the same order, not only the same sets.
    np.testing.assert_array_equal(one.offsets, other.offsets)
    np.testing.assert_array_equal(one.hits, turn[other.hits])


def test_pivots_leave_short_tracks_out(event, graph):
    settings = SETTINGS.model_copy(update={"min_hits": 8})

    tracks = Pivots(settings, Oracle()).build(event, graph)

    assert sets_of(tracks) == particles_of(event, least=8)


def test_pivots_look_only_at_edges_above_the_cut(event, graph):
    high = SETTINGS.model_copy(update={"cut": 0.99})

    assert len(Pivots(high, Oracle()).build(event, graph)) < 5


def test_pivots_refuse_a_graph_without_states(event, graph):
    without = dataclasses.replace(graph, state=None)

    with pytest.raises(InputError, match="Received: a graph without states"):
        Pivots(SETTINGS, Oracle()).build(event, without)


@pytest.mark.parametrize("hits", [0, 1])
def test_pivots_of_a_tiny_event_find_nothing(hits):
    event = toy_event(3).take(np.arange(hits))
    graph = Graph(
        hits=hits,
        edges=np.zeros((2, 0), "i4"),
        score=np.zeros(0, "f4"),
        state=np.zeros((hits, 4), "f4"),
    )

    assert len(Pivots(SETTINGS, Oracle()).build(event, graph)) == 0


def test_pivots_find_no_track_of_noise():
    event = toy_event(0, noise=30)
    loose = np.random.default_rng(1).integers(0, 30, (2, 100))
    graph = with_owners(event, graph_of(event, loose, np.full(100, 0.9, "f4")))

    assert len(Pivots(SETTINGS, Oracle()).build(event, graph)) == 0


def test_pivots_stand_hits_at_equal_places():
    event = toy_event(30)
    hits = dataclasses.replace(event.hits, **dict.fromkeys("xyz", event.hits.x * 0))
    event = dataclasses.replace(event, hits=hits)

    tracks = Pivots(SETTINGS, Oracle()).build(
        event, with_owners(event, chains(event, false=100))
    )

    assert len(tracks) > 20
