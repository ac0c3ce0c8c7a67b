import keras
import numpy as np
import pytest

from network.custom.both_directions import BothDirections
from tests.network.custom.graph_layer import make_graph, symbol

GRAPH = make_graph()


@pytest.mark.parametrize("count", [0, 16])
def test_each_edge_is_there_both_ways(count):
    nodes, *rest = GRAPH
    edges, senders, receivers = (part[:count] for part in rest)

    found = [np.asarray(x) for x in BothDirections()(nodes, edges, senders, receivers)]

    rows = [(s, r, *e) for e, s, r in zip(edges, senders, receivers, strict=True)]
    rows += [(r, s, *e) for e, s, r in zip(edges, senders, receivers, strict=True)]
    assert [(s, r, *e) for e, s, r in zip(*found, strict=True)] == rows
    assert found[1].dtype == found[2].dtype == np.int32


def test_each_node_may_have_an_edge_to_itself():
    layer = BothDirections(self_edges=True)

    edges, senders, receivers = (np.asarray(x)[32:] for x in layer(*GRAPH))

    assert senders.tolist() == receivers.tolist() == list(range(7))
    assert edges.shape == (7, 3)
    assert not edges.any()


def test_both_directions_take_part_in_a_network():
    layer = BothDirections(self_edges=True)
    clone = BothDirections.from_config(layer.get_config())

    fixed = clone(*(symbol(part) for part in GRAPH))
    dynamic = clone(*(symbol(part, rows=None) for part in GRAPH))

    assert clone.self_edges
    assert [tuple(x.shape) for x in fixed] == [(39, 3), (39,), (39,)]
    assert [tuple(x.shape) for x in dynamic] == [(None, 3), (None,), (None,)]
    assert [x.dtype for x in dynamic] == ["float32", "int32", "int32"]
    symbols = [symbol(part, rows=None) for part in GRAPH]
    model = keras.Model(symbols, clone(*symbols))
    for found, wanted in zip(model(list(GRAPH)), layer(*GRAPH), strict=True):
        np.testing.assert_array_equal(found, wanted)
