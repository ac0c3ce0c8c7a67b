"""Every optimizer by its name: Keras' own result, its whole state, two devices."""

import inspect
import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from trackdnn.errors import SettingsError
from trackdnn.settings.optimizer import EPSILON, OPTIMIZERS, OptimizerSettings
from trackdnn.training.optimization.make import KERAS, make_optimizer

ROOT = Path(__file__).parents[4]
# Belong to the seam, the stage or the engine, not to the optimizer's options.
ELSEWHERE = {
    *("self", "learning_rate", "weight_decay", "clipnorm", "clipvalue", "name"),
    *("global_clipnorm", "use_ema", "ema_momentum", "ema_overwrite_frequency"),
    *("loss_scale_factor", "gradient_accumulation_steps", "kwargs"),
    "adam_weight_decay",
}
ALL_KERAS = {**KERAS, "nadam": keras.optimizers.Nadam}
SCRIPT = """
import json
import numpy as np
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
two = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(cpu, two)
import keras
from trackdnn.settings.optimizer import OPTIMIZERS, OptimizerSettings
from trackdnn.training.optimization.make import make_optimizer

random = np.random.default_rng(0)
start = [random.normal(size=shape).astype("f4") for shape in ((4, 3), (3,))]
steps = [[random.normal(size=one.shape).astype("f4") for one in start]
         for _ in range(50)]
mirrored = tf.distribute.MirroredStrategy(
    ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.HierarchicalCopyAllReduce()
)

OURS = ("schedule_free_adamw", "dadapt_adam", "prodigy")

def follow(name, strategy, inside):
    with strategy.scope():
        pair = [keras.Variable(one) for one in start]
        optimizer = make_optimizer(OptimizerSettings(name=name))
        optimizer.build(pair)
    def step(rate, *one):
        optimizer.set_rate(rate)
        optimizer.apply(list(one), pair)
    def within(*given):
        strategy.run(step, args=given)
    def across(rate, *one):
        # As a loss scale does, which replicas may not.
        finite = tf.reduce_all(tf.math.is_finite(one[0]))
        return tf.cond(finite, lambda: [step(rate, *one), rate][1], lambda: rate)
    compiled = tf.function(within if inside else across, autograph=False)
    for one in steps if name in OURS else steps[:10]:
        compiled(tf.constant(0.1), *map(tf.constant, one))
    every = [*pair, *optimizer.variables]
    return [[np.asarray(part.numpy(), "f8")
             for part in getattr(one.value, "values", [one.value])] for one in every]

found = {}
for name in OPTIMIZERS:
    expected = follow(name, tf.distribute.get_strategy(), True)
    worst = 0.0
    for inside in (True, False) if name in ("adamw", *OURS) else (True,):
        for alone, both in zip(expected, follow(name, mirrored, inside)):
            assert len(both) == 2
            worst = max([worst] + [float(np.abs(alone[0] - one).max()) for one in both])
    found[name] = worst
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def two_devices():
    """Largest difference to one device of each optimizer, weights and state."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_two_replicas_equal_one_device_bit_for_bit(name, two_devices):
    assert two_devices[name] == 0.0


@pytest.mark.parametrize("name", ALL_KERAS)
def test_options_are_those_of_keras(name):
    signature = inspect.signature(ALL_KERAS[name].__init__).parameters

    assert set(OPTIMIZERS[name]) == set(signature) - ELSEWHERE
    for option, default in OPTIMIZERS[name].items():
        theirs = signature[option].default
        if option == "epsilon" and name in ("adam", "adamw"):
            assert default == EPSILON
        else:
            assert default == (theirs if theirs is not None else ())


@pytest.mark.parametrize("name", ALL_KERAS)
def test_result_is_that_of_keras(name, weights, gradients, variables, follow):
    ours, theirs = variables(weights), variables(weights)
    options = {} if name in ("adam", "ftrl", "adafactor") else {"weight_decay": 0.05}
    more = {"epsilon": EPSILON} if name in ("adam", "adamw") else {}
    decays = {"adam_weight_decay": 0.05} if name == "muon" else {}
    other = ALL_KERAS[name](0.01, **options, **more, **decays)
    other.exclude_from_weight_decay(var_names=["bias"])
    optimizer = make_optimizer(OptimizerSettings(name=name, **options))
    optimizer.build(ours)
    other.build(theirs)

    found = follow(optimizer, ours, [0.01] * 10, gradients[:10])

    for one in gradients[:10]:
        other.apply(one, theirs)
    # Keras computes the first corrections of Adam in float32, to 1e-5 of a step.
    tolerance = 1e-6 if name in ("adam", "adamw") else 1e-7
    for ours_, theirs_ in zip(found, theirs, strict=True):
        np.testing.assert_allclose(ours_, theirs_.numpy(), rtol=0, atol=tolerance)


@pytest.mark.parametrize("decay", [None, 0.05])
def test_compiled_adam_is_that_of_keras(decay, weights, gradients, variables, follow):
    import tensorflow as tf

    ours, theirs = variables(weights), variables(weights)
    name, kind = ("adamw", "AdamW") if decay else ("adam", "Adam")
    options = {"weight_decay": decay} if decay else {}
    other = getattr(keras.optimizers, kind)(0.01, epsilon=EPSILON, **options)
    other.exclude_from_weight_decay(var_names=["bias"])
    other.build(theirs)
    optimizer = make_optimizer(OptimizerSettings(name=name, **options))
    optimizer.build(ours)

    found = follow(optimizer, ours, [0.01] * 50, gradients, graph=True)

    step = tf.function(lambda *one: other.apply(list(one), theirs), autograph=False)
    for one in gradients:
        step(*map(tf.constant, one))
    for one, variable in zip(found, theirs, strict=True):
        np.testing.assert_allclose(one, variable.numpy(), rtol=0, atol=5e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_state_is_whole(name, weights, gradients, variables, follow):
    settings = OptimizerSettings(name=name)
    whole, first, second = (variables(weights) for _ in range(3))
    makes = [make_optimizer(settings) for _ in range(3)]
    for optimizer, pair in zip(makes, (whole, first, second), strict=True):
        optimizer.build(pair)
    expected = follow(makes[0], whole, [0.1] * 6, gradients[:6])

    follow(makes[1], first, [0.1] * 3, gradients[:3])
    old, new = [*first, *makes[1].variables], [*second, *makes[2].variables]
    for source, target in zip(old, new, strict=True):
        target.assign(source.numpy())
    found = follow(makes[2], second, [0.1] * 3, gradients[3:6])

    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(makes[2].variables, makes[0].variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_value_that_keras_refuses_is_named():
    settings = OptimizerSettings(name="ftrl", options={"learning_rate_power": 0.5})

    with pytest.raises(SettingsError, match=r"optimizer.options of ftrl: .*power=0.5"):
        make_optimizer(settings)


def test_rate_is_zero_until_it_is_set():
    assert make_optimizer(OptimizerSettings()).learning_rate.numpy() == 0.0
