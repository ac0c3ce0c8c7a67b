"""What a network of places is worth."""

import math

import keras
import numpy as np
import pytest

from tests.trackdnn.graphs.metric_learning.small import events, small
from trackdnn.errors import TrainingError
from trackdnn.graphs.metric_learning.judge import SEARCHED, PlaceJudge
from trackdnn.graphs.metric_learning.quality import close_pairs
from trackdnn.graphs.metric_learning.task import place_term
from trackdnn.graphs.metric_learning.units import draw, unit_of
from trackdnn.training.objective import Objective

SETTINGS = small(queries=20, others=50)
WHOLE = [unit_of(event, SETTINGS) for event in events(3)]
DRAWN = [draw(unit, SETTINGS, np.random.default_rng(n)) for n, unit in enumerate(WHOLE)]


def network(scale=1.0):
    nodes = keras.Input((5,), name="nodes")
    return keras.Model([nodes], {"place": keras.layers.Rescaling(scale)(nodes)})


@pytest.fixture
def judge():
    return PlaceJudge(
        lambda: zip(DRAWN, WHOLE, strict=True),
        [place_term(1.0, 20.0)],
        radius=0.3,
        most=20,
    )


def test_verdict_is_that_of_all_events(judge):
    model = network()
    verdict = judge(model)

    objective = Objective(model, [place_term(1.0, 20.0)])
    total = sum(float(objective.total(unit, training=False)) for unit in DRAWN)
    assert verdict.loss == pytest.approx(total / 60, rel=1e-5)
    assert math.isnan(verdict.auc)


def test_pairs_are_those_of_the_first_events(judge):
    figures = judge(network()).metrics

    counts = [
        close_pairs(unit["nodes"], unit["edges"], radius=0.3, most=20)
        for unit in WHOLE[:SEARCHED]
    ]
    found, pairs = (sum(each) for each in zip(*counts, strict=True))
    true = sum(unit["edges"].shape[1] for unit in WHOLE[:SEARCHED])
    assert figures["edge_efficiency"] == pytest.approx(found / true)
    assert 0 < figures["edge_efficiency"] < 1
    hits = sum(len(unit["nodes"]) for unit in WHOLE[:SEARCHED])
    assert figures["edges_per_hit"] == pytest.approx(pairs / hits)


def test_verdict_follows_the_network(judge):
    model = network()
    once = judge(model)

    assert judge(network(10.0)).loss != once.loss
    assert judge(model).loss == once.loss


def test_judge_is_heard_while_it_works(judge):
    asked = []
    judge(network(), lambda: asked.append(1))

    assert len(asked) == 3


def test_places_must_stay_finite(judge):
    with pytest.raises(TrainingError, match=r"must stay finite.*Received: nan"):
        judge(network(float("nan")))
