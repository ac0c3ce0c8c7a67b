"""The training of places as the engine asks for it."""

import dataclasses
import itertools
import math

import numpy as np
import pytest

from tests.trackdnn.graphs.metric_learning.small import events, small
from trackdnn.graphs.edge_network.shelf import Shelf
from trackdnn.graphs.metric_learning.task import PlaceTask, place_term
from trackdnn.graphs.metric_learning.units import unit_of

SETTINGS = small(queries=15, others=40)
STAGE = SETTINGS.stages[0].model_copy(update={"batch_size": 2})


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    shelf = Shelf(tmp_path_factory.mktemp("shelf"))
    for number, event in enumerate(events(5)):
        shelf.put(number, unit_of(event, SETTINGS))
    return PlaceTask(
        settings=SETTINGS, shelf=shelf, training=(1, 2, 4), validation=(0, 3)
    )


def chunks(task, seed=1, number=1, **options):
    return list(task.batches(number, STAGE, seed).epochs(3, **options))


def test_epoch_has_each_event_once(task):
    source = task.batches(1, STAGE, 1)
    [chunk] = source.epochs(1)

    assert source.steps == chunk.steps == 2
    assert source.tracks == 3 * 15
    np.testing.assert_array_equal(chunk.sizes, [30, 15])
    assert len(chunk.columns()["event"]) == 3


def test_columns_count_within_their_events(task):
    columns = chunks(task)[0].columns()
    home, particle = columns["home"], columns["particle"]

    for one, other in zip(columns["query"], columns["partner"], strict=True):
        assert home[one] == home[other]
        assert particle[one] == particle[other] > 0
    assert set(home[columns["other"]].tolist()) == {0, 1, 2}


def test_epochs_and_stages_and_seeds_draw_anew(task):
    def nodes(chunk):
        return chunk.columns()["nodes"].tobytes()

    found = [nodes(chunk) for chunk in chunks(task)]
    found += [nodes(chunks(task, number=2)[0]), nodes(chunks(task, seed=2)[0])]

    assert all(one != other for one, other in itertools.combinations(found, 2))
    assert [nodes(chunk) for chunk in chunks(task)] == found[:3]


def test_training_goes_on_within_an_epoch(task):
    whole, rest = chunks(task)[1], chunks(task, first=2, skip=1)[0]
    start = whole.offsets["query"][2]
    shift = whole.offsets["nodes"][2]

    expected = whole.columns()["query"][start:] - shift
    np.testing.assert_array_equal(rest.columns()["query"], expected)


def test_judgement_is_of_the_same_draw_each_time(task):
    first, second = (
        [drawn["nodes"].tobytes() for drawn, _ in task._judged()] for _ in range(2)
    )

    assert first == second
    assert len(first) == 2
    assert task.judge(STAGE) is not task.judge(STAGE)


def loss_twin(columns, place, margin, negatives):
    losses = []
    for q, p in zip(columns["query"], columns["partner"], strict=True):
        near = [math.dist(place[q], place[n]) ** 2 for n in columns["other"]]
        costs = [
            margin**2 - distance2
            for n, distance2 in zip(columns["other"], near, strict=True)
            if columns["particle"][n] != columns["particle"][q]
            and columns["home"][n] == columns["home"][q]
            and distance2 < margin**2
        ]
        losses.append(math.dist(place[q], place[p]) ** 2 + sum(costs) / negatives)
    return losses


def test_term_equals_its_twin(task):
    columns = dict(chunks(task)[0].columns())
    place = np.random.default_rng(1).normal(size=(len(columns["nodes"]), 3))
    place = place.astype("f4")
    term = place_term(margin=1.5, negatives=4.0)

    extra = [columns[name] for name in term.extra]
    found = term.loss(columns[term.target], place, *extra)

    expected = loss_twin(columns, place.astype("f8"), 1.5, 4.0)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert (term.output, term.weight) == ("place", "weight")


def test_term_is_that_of_the_settings(task):
    place = np.zeros((2, 3), "f4")
    columns = [np.int32(one) for one in ([0], [0], [1], [1, 0], [0, 0], [0])]
    query, *extra = columns

    for margin, negatives in ((3.0, 1.0), (3.0, 4.0)):
        settings = small(margin=margin, negatives=negatives)
        [term] = dataclasses.replace(task, settings=settings).terms(STAGE)
        found = term.loss(query, place, *extra)
        np.testing.assert_allclose(found, [margin**2 / negatives])
