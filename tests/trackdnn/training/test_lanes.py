"""Lanes follow from the settings, and give the step of one lane."""

import keras
import pytest

from trackdnn.settings import Stage
from trackdnn.training.lanes import is_coupled, lanes_of


@pytest.mark.parametrize(
    ("size", "accumulate", "expected"),
    [(100, 1, 1), (512, 1, 2), (1024, 1, 4), (1024, 4, 1), (65536, 1, 8)],
)
def test_lanes_follow_from_the_batch(size, accumulate, expected):
    stage = Stage(batch_size=size, accumulate=accumulate)

    assert lanes_of(stage, alone=True, coupled=False) == expected


@pytest.mark.parametrize(("alone", "coupled"), [(True, True), (False, False)])
def test_lanes_are_one_where_they_would_harm(alone, coupled):
    assert lanes_of(Stage(batch_size=4096), alone=alone, coupled=coupled) == 1


def test_lanes_are_what_the_user_wants():
    assert lanes_of(Stage(lanes=3), alone=False, coupled=True) == 3


def network(*layers):
    return keras.Sequential([keras.Input((3,)), *layers])


def test_network_is_coupled_by_batch_normalisation_anywhere():
    inner = network(keras.layers.BatchNormalization())

    assert is_coupled(network(keras.layers.Dense(3), inner))
    assert not is_coupled(network(keras.layers.LayerNormalization()))
