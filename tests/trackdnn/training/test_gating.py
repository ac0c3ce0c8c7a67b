"""Parts of a network that wait for a figure, in steps that are compiled once."""

import subprocess
import sys
import types
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from trackdnn.errors import SettingsError
from trackdnn.settings import OptimizerSettings
from trackdnn.settings.gating import GateSettings
from trackdnn.training.gating import Gates
from trackdnn.training.objective import Objective, Term
from trackdnn.training.optimization.make import make_optimizer
from trackdnn.training.snapshot import Holders
from trackdnn.training.steps import SingleDevicePass, Step

ROOT = Path(__file__).parents[3]
STEPS, BATCH = 4, 16
RATES = np.full(STEPS, 0.01, "f4")


def squares(target, output):
    return tf.reduce_sum((target - output) ** 2, axis=-1)


TERMS = (
    Term(squares, target="first", output="one", share=1.0),
    Term(squares, target="second", output="two", share=0.5),
)


def network():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((3,), name="features")
    trunk = keras.layers.Dense(4, activation="tanh", name="trunk")(inputs)
    one = keras.layers.Dense(1, name="one")(trunk)
    x = keras.layers.Dense(4, activation="tanh", name="branch")(trunk)
    x = keras.layers.BatchNormalization(name="branch_norm")(x)
    two = keras.layers.Dense(1, name="two")(x)
    return keras.Model([inputs], [one, two])


class Batches:
    """The batches of an epoch."""

    def __init__(self, epoch):
        rng = np.random.default_rng(epoch)
        count = STEPS * BATCH
        self.bounds = np.arange(0, count + 1, BATCH, dtype="i4")
        self.sizes = np.full(STEPS, BATCH, "f4")
        x = rng.normal(size=(count, 3)).astype("f4")
        self._columns = {
            "features": x,
            "first": x[:, :1],
            "second": x[:, 1:2],
            "weight": np.ones(count, "f4"),
        }

    offsets = refers = types.MappingProxyType({})

    def columns(self):
        return self._columns


class Course:
    """A network in training, an epoch at a time."""

    def __init__(self, *settings, terms=TERMS, optimizer="adamw", build=network):
        self.model = build()
        self.settings = OptimizerSettings(name=optimizer)
        self.variables = self.model.trainable_variables
        self.optimizer = self.make()
        self.gates = Gates(self.model, settings, terms) if settings else None
        step = Step(
            objective=Objective(self.model, self.gates.terms if self.gates else terms),
            optimizer=self.optimizer,
            variables=self.variables,
            clip=0.5,
            gates=self.gates,
        )
        self.steps = SingleDevicePass(step)
        if self.gates:
            self.gates.attach(self.optimizer, self.variables, self.make)
        self.holders = Holders(model=self.model, optimizer=self.optimizer)
        self.history = []

    def make(self):
        optimizer = make_optimizer(self.settings)
        optimizer.build(self.variables)
        return optimizer

    def epoch(self, **figures):
        """Trains; the figures are those after the epoch."""
        losses = self.steps.run(Batches(len(self.history)), RATES)
        row = row_of(**figures)
        self.history.append(row)
        opened = []
        if self.gates:
            opened = self.gates.observe(row)
        return losses, opened

    def weights(self, start):
        found = [one for one in self.model.weights if one.path.startswith(start)]
        assert found
        return [np.array(one.numpy()) for one in found]


def row_of(val_auc=0.5, val_loss=1.0, loss=1.0):
    return types.SimpleNamespace(val_auc=val_auc, val_loss=val_loss, loss=loss)


def equal(one, other):
    return [np.array_equal(a, b) for a, b in zip(one, other, strict=True)]


AUC = GateSettings(output="two", threshold=0.9, reset="soft")


def test_second_head_waits_bit_for_bit_and_then_moves():
    course = Course(AUC)
    start = course.weights(("branch", "two"))
    trunk = course.weights("trunk")

    for _ in range(2):
        _, opened = course.epoch(val_auc=0.8)
        assert opened == []
    assert len(start) == 8
    assert all(equal(course.weights(("branch", "two")), start))
    assert not any(equal(course.weights("trunk"), trunk))

    _, opened = course.epoch(val_auc=0.95)
    assert opened == ["branch", "branch_norm", "two"]
    assert course.gates.open == [True]
    assert all(equal(course.weights(("branch", "two")), start))
    compiled = course.steps._compiled
    _, opened = course.epoch(val_auc=0.1)

    assert opened == []
    assert not any(equal(course.weights(("branch", "two")), start))
    assert course.steps._compiled is compiled


def test_closed_gate_leaves_the_rest_as_if_the_head_were_not_there():
    course, alone = Course(AUC), Course(terms=TERMS[:1])

    for _ in range(2):
        (waiting, _), (losses, _) = course.epoch(), alone.epoch()
        np.testing.assert_allclose(waiting, losses, rtol=1e-6)

    for name in ("trunk", "one"):
        for a, b in zip(course.weights(name), alone.weights(name), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)


def test_open_gate_changes_nothing():
    gate = GateSettings(output="two", monitor="loss", threshold=10.0)
    course, free = Course(gate), Course()
    course.gates.restore([row_of()])

    for _ in range(2):
        np.testing.assert_allclose(course.epoch()[0], free.epoch()[0], rtol=1e-6)
    for a, b in zip(course.weights(""), free.weights(""), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_resumed_training_equals_an_uninterrupted_one(at):
    aucs = [0.8, 0.95, 0.5, 0.5]
    whole = Course(AUC, optimizer="schedule_free_adamw")
    kept = None
    for number, auc in enumerate(aucs):
        if number == at:
            kept = whole.holders.arrays()
        whole.epoch(val_auc=auc)

    resumed = Course(AUC, optimizer="schedule_free_adamw")
    resumed.history = whole.history[:at]
    resumed.holders.restore(kept)
    resumed.gates.restore(resumed.history)
    for auc in aucs[at:]:
        resumed.epoch(val_auc=auc)

    assert resumed.gates.open == [True]
    found, wanted = resumed.holders.arrays(), whole.holders.arrays()
    assert all(equal(found.values(), wanted.values()))


def test_layers_may_wait_without_an_output():
    gate = GateSettings(layers=["^branch$"], monitor="val_loss", threshold=0.5)
    course = Course(gate)
    branch, two = course.weights("branch/"), course.weights("two")

    course.epoch(val_loss=0.6)
    assert all(equal(course.weights("branch/"), branch))
    assert not any(equal(course.weights("two"), two))
    assert course.epoch(val_loss=0.4)[1] == ["branch"]
    course.epoch()
    assert not any(equal(course.weights("branch/"), branch))


OPTIMIZERS = ("adamw", "sgd", "schedule_free_adamw", "prodigy", "lamb", "rmsprop")


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_soft_reset_starts_the_optimizer_anew_for_what_joins(name):
    gate = GateSettings(layers=["^branch$"], monitor="loss", threshold=2, reset="soft")
    course = Course(gate, optimizer=name)
    course.gates.restore([row_of()])
    course.gates._gates[0].is_open = False  # its weights move, as if shared
    course.steps.run(Batches(0), RATES)
    state = {one.path: np.array(one.numpy()) for one in course.optimizer.variables}

    fresh = course.make()
    assert course.gates.observe(row_of()) == ["branch"]

    for old, new in zip(course.optimizer.variables, fresh.variables, strict=True):
        own = old.path.rpartition("/")[2].startswith(("branch_kernel_", "branch_bias_"))
        wanted = new.numpy() if own else state[old.path]
        np.testing.assert_array_equal(old.numpy(), wanted)


def test_optimizer_without_state_by_weight_cannot_start_anew():
    course = Course(AUC)
    row = types.SimpleNamespace(path="odd/row", shape=(3,))
    odd = types.SimpleNamespace(variables=[row])

    course.gates.attach(odd, course.variables, lambda: odd)

    with pytest.raises(SettingsError, match=r"reset=soft.*SimpleNamespace"):
        course.gates.observe(row_of(val_auc=1.0))


@pytest.mark.parametrize(
    ("gates", "message"),
    [
        ([{"output": "too"}], r"one of the network.*'too'.*Did you mean 'two'"),
        ([{"layers": ["brunch"]}], r"match a layer.*'brunch'.*There are: trunk"),
        ([{"layers": ["."]}], r"leave weights to train.*all"),
        ([{"output": "one"}, {"output": "two"}], r"leave a loss.*one, two"),
        ([{"output": "two"}, {"output": "two"}], r"one gate per output.*two, two"),
    ],
)
def test_gates_that_cannot_be_meant_are_refused(gates, message):
    settings = [GateSettings(threshold=0.5, **gate) for gate in gates]

    with pytest.raises(SettingsError, match=message):
        Gates(network(), settings, TERMS)


def test_outputs_may_have_names():
    def named():
        plain = network()
        outputs = {"two": plain.outputs[1], "one": plain.outputs[0]}
        return keras.Model(plain.inputs, outputs)

    course = Course(AUC, build=named)

    assert course.epoch(val_auc=0.95)[1] == ["branch", "branch_norm", "two"]


SCRIPT = """
import numpy as np
import tensorflow as tf
from trackdnn.settings import LocalSettings
from trackdnn.training import devices
strategy = devices.choose_strategy(LocalSettings(logical_cpus=2))
from tests.trackdnn.training import test_gating as here
from trackdnn.training.replicas import MirroredPass

with strategy.scope():
    course = here.Course(here.AUC)
course.steps = MirroredPass(strategy, course.steps._step)
make = course.make
def in_scope():
    with strategy.scope():
        return make()
course.gates.attach(course.optimizer, course.variables, in_scope)
names = ("branch", "two")
start = course.weights(names)
course.epoch(val_auc=0.95)
assert all(here.equal(course.weights(names), start))
course.epoch()
assert not any(here.equal(course.weights(names), start))
print("both")
"""


@pytest.mark.slow
def test_gate_works_on_two_replicas():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "both"
