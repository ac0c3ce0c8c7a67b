"""Tracks that overlap, and a small network that trains in no time."""

import dataclasses

import numpy as np
import pytest

from trackdnn.settings import LocalSettings, ModelSettings, Stage

QUICK = {"epochs": 2, "batch_size": 256, "early_stopping": None}


@pytest.fixture(scope="session")
def noisy_tracks():
    """A function of a count and a seed; one label in ten is wrong."""
    from tests.conftest import make_tracks

    def make(count, seed):
        tracks = make_tracks(count, seed)
        wrong = np.random.default_rng([seed, 9]).random(count) < 0.1
        return dataclasses.replace(tracks, label=tracks.label ^ wrong)

    return make


@pytest.fixture(scope="session")
def parts(noisy_tracks):
    """Training and validation tracks."""
    return noisy_tracks(1203, 1), noisy_tracks(600, 2)


@pytest.fixture
def small():
    """Settings of a small network."""
    return ModelSettings(options={"width": 16, "blocks": 1})


@pytest.fixture
def train(parts, small):
    """A function of changes to a quick stage; trains the small network."""
    from network.builder import ModelBuilder
    from trackdnn.training.fitting import fit_spec
    from trackdnn.training.task import TrackTask
    from trackdnn.training.trainer import ModelTrainer

    def run(*, seed=1, model=small, local=None, data=parts, **stage):
        builder = ModelBuilder(model)
        spec = fit_spec(model, builder.preset, parts[0])
        trainer = ModelTrainer(
            Stage(**{**QUICK, **stage}), local or LocalSettings(), seed
        )
        return trainer.train(lambda: builder.build(spec), TrackTask(*data))

    return run


@pytest.fixture
def crew():
    """A function of a function of a `Team`, called by workers that are threads.

    Gives what it returns or raises for each of them.
    """
    import threading
    from concurrent.futures import ThreadPoolExecutor

    from trackdnn.training.team import Team

    class Board:
        def __init__(self, count):
            self.count, self.values = count, {}
            self.barrier = threading.Barrier(count, timeout=10)

    class ThreadTeam(Team):
        def __init__(self, number, board):
            super().__init__()
            self.number, self.count, self._board = number, board.count, board

        def total(self, numbers):
            board = self._board
            board.values[self.number] = numbers
            board.barrier.wait()
            found = sum(board.values[number] for number in range(board.count))
            board.barrier.wait()
            return found

    def run(action, count=2):
        board = Board(count)

        def one(number):
            try:
                return action(ThreadTeam(number, board))
            except Exception as error:
                return error

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(one, range(count)))

    return run


def make_graphs(epoch, skip, count=7):
    """Some graphs of an epoch: nodes, edges, which edges are true, and weights."""
    for number in range(skip, count):
        rng = np.random.default_rng([epoch, number])
        nodes, edges = int(rng.integers(2, 6)), int(rng.integers(0, 9))
        node = rng.normal(size=(nodes, 2)).astype("f4")
        edge = rng.integers(0, nodes, (edges, 2)).astype("i4")
        near = ((node[edge[:, 0]] - node[edge[:, 1]]) ** 2).sum(1, keepdims=True) < 2
        yield {
            "node": node,
            "edge": edge,
            "true_edge": near.astype("f4"),
            "edge_weight": rng.uniform(0.5, 1.5, edges).astype("f4"),
        }


def edge_network():
    """A score for each edge, from what its two nodes become together."""
    import keras

    class Ends(keras.layers.Layer):
        def call(self, inputs):
            node, edge = inputs
            one, other = (keras.ops.take(node, edge[:, end], axis=0) for end in (0, 1))
            return keras.ops.concatenate([one, other, one * other], axis=-1)

    keras.utils.set_random_seed(3)
    node = keras.Input((2,), name="node")
    edge = keras.Input((2,), dtype="int32", name="edge")
    hidden = keras.layers.Dense(4, activation="tanh", name="nodes")(node)
    x = keras.layers.Dense(4, activation="tanh", name="pairs")(Ends()([hidden, edge]))
    score = keras.layers.Dense(1, activation="sigmoid", name="true")(x)
    return keras.Model([node, edge], score)


class EdgeTask:
    """To tell true edges from false ones: a task that knows nothing of tracks."""

    def batches(self, number, stage, seed):
        from trackdnn.data.batches.units import UnitSource

        return UnitSource(
            make_graphs,
            units=7,
            batch_size=stage.batch_size,
            weight="edge_weight",
            refers={"edge": "node"},
        )

    def judge(self, stage):
        from trackdnn.training.judge import Verdict

        [chunk] = self.batches(1, Stage(batch_size=7), 1).epochs(1)
        columns = chunk.columns()

        def judge(model, pulse):
            pulse()
            score = model([columns["node"], columns["edge"]], training=False).numpy()
            loss = float(np.mean((score - columns["true_edge"]) ** 2))
            return Verdict(loss, metrics={"edges": float(len(score))})

        return judge

    def terms(self, stage):
        from network.losses import loss
        from trackdnn.training.objective import Term

        return [Term(loss(stage.loss), target="true_edge", weight="edge_weight")]


@pytest.fixture
def edges():
    """The network and the task of edges."""
    return edge_network, EdgeTask()
