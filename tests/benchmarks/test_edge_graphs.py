import numpy as np
import pytest

from benchmarks import edge_graphs as graphs
from benchmarks.helices import helix_event
from trackdnn.errors import InputError
from trackdnn.graphs.edge_network.columns import EDGE_NAMES
from trackdnn.graphs.graph import graph_of


def test_pairs_are_half_of_the_edges_that_are_no_loops():
    assert graphs.pairs_of(660_000, 10_000) == 325_000
    assert graphs.pairs_of(5, 10) == 0


def test_event_is_cut_to_about_as_many_hits_and_never_grows():
    event = helix_event(3000, seed=1)

    assert len(graphs.sized_event(event, 1000)) == pytest.approx(1000, rel=0.2)
    assert len(graphs.sized_event(event, 10_000)) == len(event)


def test_graph_has_the_edges_that_were_asked_for_in_the_order_of_graphs():
    event, graph = graphs.sized_graph(400, 1500, None)

    keys = graph.edges[0].astype(np.int64) * len(event) + graph.edges[1]
    assert len(graph) == 1500
    assert (np.diff(keys) > 0).all()
    assert len(graph_of(event, graph.edges)) == 1500


def test_graph_with_more_edges_than_there_are_is_refused():
    with pytest.raises(InputError, match=r"10000 edges.*Received: \d+ for"):
        graphs.sized_graph(100, 10_000, None)


def test_one_event_is_not_enough_to_take_and_to_learn_from(tmp_path):
    from benchmarks.small_events import TRACKML_FILES, write_files

    write_files(tmp_path / "events", TRACKML_FILES)

    with pytest.raises(InputError, match="one to learn from"):
        graphs.sized_graph(10, 1, tmp_path / "events")


def test_columns_are_the_inputs_of_a_network():
    event, graph = graphs.sized_graph(300, 500, None)

    found = graphs.columns_of(event, graph, ("position",))

    assert found["nodes"].shape == (len(event), 3)
    assert found["edges"].shape == (500, len(EDGE_NAMES))
    np.testing.assert_array_equal(found["senders"], graph.edges[0])
    np.testing.assert_array_equal(found["receivers"], graph.edges[1])
