"""How a batch is shared; two replicas against one device are in test_devices.py, and
two processes against one in tests/test_several_workers.py."""

import numpy as np
import pytest
import tensorflow as tf

from tests.trackdnn.training.conftest import EdgeTask, edge_network
from trackdnn.settings import OptimizerSettings, Stage
from trackdnn.training.objective import Objective
from trackdnn.training.optimization.make import make_optimizer
from trackdnn.training.replicas import MirroredPass
from trackdnn.training.steps import SingleDevicePass, Step


def step_of(network, stage):
    optimizer = make_optimizer(OptimizerSettings(name="sgd"))
    optimizer.build(network.trainable_variables)
    return Step(
        objective=Objective(network, EdgeTask().terms(stage)),
        optimizer=optimizer,
        variables=network.trainable_variables,
    )


@pytest.mark.parametrize("size", [1, 3])
def test_one_replica_takes_the_steps_of_one_device(size):
    stage, rates = Stage(batch_size=size), np.full(4, 0.5, "f4")
    chunk = next(EdgeTask().batches(1, stage, 1).epochs(1))
    rates = rates[: chunk.steps]
    plain = edge_network()
    wanted = SingleDevicePass(step_of(plain, stage)).run(chunk, rates)
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        network = edge_network()
        step = step_of(network, stage)

    losses = MirroredPass(strategy, step).run(chunk, rates)

    np.testing.assert_allclose(losses, wanted, rtol=1e-6)
    for one, other in zip(network.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
