"""Batches of graphs: a function of the epoch, with further columns."""

import numpy as np
import pytest

from tests.trackdnn.graphs.edge_network import small
from trackdnn.graphs.edge_network.shelf import Shelf
from trackdnn.graphs.edge_network.task import GraphTask
from trackdnn.settings.finding import GraphStage


def unit(number):
    return {
        "nodes": np.full((number + 1, 2), number, "f4"),
        "senders": np.arange(number + 1, dtype="i4"),
        "receivers": np.arange(number + 1, dtype="i4"),
        "particle": np.zeros(number + 1, "i4"),
        "particle_weight": np.zeros(1, "f4"),
        "weight": np.ones(number + 1, "f4"),
    }


@pytest.fixture
def task(tmp_path):
    shelf = Shelf(tmp_path)
    for number in range(6):
        shelf.put(number, unit(number))

    def draw(given, rng):
        return {"drawn": rng.random((len(given["nodes"]), 1))}

    return GraphTask(
        settings=small.settings(),
        shelves=[shelf],
        units=6,
        validation=shelf,
        judged=2,
        more=draw,
    )


def epochs(task, **options):
    source = task.batches(1, GraphStage(batch_size=2), 1)
    return [chunk.columns() for chunk in source.epochs(2, **options)]


def test_each_epoch_has_all_graphs_in_an_order_of_its_own(task):
    orders = [columns["nodes"][:, 0].tolist() for columns in epochs(task)]

    for order in orders:
        assert sorted(set(order)) == list(range(6))
    assert orders[0] != orders[1]


def test_batches_are_a_function_of_the_epoch(task):
    whole, later = epochs(task), epochs(task, first=2)

    assert len(whole) == 2
    for name, array in whole[1].items():
        np.testing.assert_array_equal(array, later[0][name])
    assert np.any(whole[0]["drawn"] != whole[1]["drawn"])


def test_indices_count_the_rows_of_their_batch(task):
    [chunk, *_] = task.batches(1, GraphStage(batch_size=6), 1).epochs(1)

    columns = chunk.columns()

    rows = np.arange(len(columns["nodes"]))
    np.testing.assert_array_equal(columns["senders"], rows)
