"""Views of rows and of graphs against loops over units."""

import numpy as np
import pytest
import tensorflow as tf

from trackdnn.training.view import View

NODES, EDGES = [3, 1, 4, 2], [4, 0, 5, 1]


def rows(start=0, stop=10):
    return View({"x": np.arange(10), "y": np.arange(10) * 2.0}, start, stop)


def graphs(make=np.asarray):
    """Four graphs, each edge from a random node of its graph to another."""
    rng = np.random.default_rng(1)
    first = np.cumsum([0, *NODES])
    ends = [
        rng.integers(first[graph], first[graph + 1], (2, count)).T
        for graph, count in enumerate(EDGES)
    ]
    offsets = {
        "node": first.astype(np.int32),
        "edge": np.cumsum([0, *EDGES]).astype(np.int32),
    }
    return View(
        {
            "node": make(rng.normal(size=(sum(NODES), 2)).astype("f4")),
            "edge": make(np.concatenate(ends).astype("i4")),
        },
        0,
        4,
        {name: make(each) for name, each in offsets.items()},
        {"edge": "node"},
    )


@pytest.mark.parametrize("count", [1, 3, 4, 15])
def test_shares_cover_each_row_once(count):
    shares = [rows(2, 9).share(index, count).arrays()["x"] for index in range(count)]

    np.testing.assert_array_equal(np.concatenate(shares), np.arange(2, 9))
    sizes = [len(share) for share in shares]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("make", [np.asarray, tf.constant])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_graphs_of_a_share_keep_their_nodes(make, count):
    whole = graphs()
    for index in range(count):
        found = graphs(make).share(index, count).arrays()
        start, stop = 4 * index // count, 4 * (index + 1) // count

        nodes, edges = [], []
        for graph in range(start, stop):
            first = sum(NODES[:graph])
            own = slice(sum(EDGES[:graph]), sum(EDGES[: graph + 1]))
            edges += [pair - first + len(nodes) for pair in whole.columns["edge"][own]]
            nodes += [*whole.columns["node"][first : first + NODES[graph]]]
        np.testing.assert_array_equal(found["node"], nodes)
        np.testing.assert_array_equal(found["edge"], np.reshape(edges, (-1, 2)))


def test_view_alone_is_the_same():
    some = without_the_first(graphs())

    alone = some.alone()

    assert (alone.start, alone.stop) == (0, 3)
    for index in range(3):
        wanted = some.share(index, 3).arrays()
        for name, column in alone.share(index, 3).arrays().items():
            np.testing.assert_array_equal(column, wanted[name])


def without_the_first(view):
    """Without the first graph."""
    return View(view.columns, 1, 4, view.offsets, view.refers)
