"""Training in few digits: as good, float32 at both ends, on any number of replicas."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from network.builder import ModelBuilder
from network.metrics import roc_auc
from trackdnn.errors import SettingsError
from trackdnn.settings import LocalSettings, ModelSettings, Stage
from trackdnn.training.fitting import fit_spec
from trackdnn.training.precision import (
    build_in,
    check_ranges,
    in_float32,
    loss_scale_of,
    precision,
)
from trackdnn.training.prediction import predict
from trackdnn.training.task import TrackTask
from trackdnn.training.trainer import ModelTrainer

ROOT = Path(__file__).parents[3]
MIXED = ("mixed_bfloat16", "mixed_float16")


@pytest.fixture
def build(parts):
    """A function of an architecture; gives a function that builds a small network."""

    def make(architecture="default", **sanitizer):
        options = {"width": 16, "blocks": 1} if architecture == "default" else {}
        model = ModelSettings(
            architecture=architecture, options=options, sanitizer=sanitizer
        )
        builder = ModelBuilder(model)
        spec = fit_spec(model, builder.preset, parts[0])
        return spec, lambda: builder.build(spec)

    return make


def error_of(auc, label):
    """Standard error of an AUC; Hanley and McNeil, Radiology 143 (1982) 29."""
    true, fake = label.sum(), (~label).sum()
    first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = (true - 1) * (first - auc**2) + (fake - 1) * (second - auc**2)
    return np.sqrt((auc * (1 - auc) + spread) / (true * fake))


@pytest.fixture(scope="module")
def aucs(parts):
    """AUC of the exported network, by the precision it was trained in."""
    model = ModelSettings(options={"width": 16, "blocks": 1})
    builder = ModelBuilder(model)
    spec = fit_spec(model, builder.preset, parts[0])
    stage = Stage(epochs=6, batch_size=256, learning_rate=1e-2, early_stopping=None)
    found = {}
    for name in ("float32", *MIXED):
        result = ModelTrainer(stage, LocalSettings(), 1).train(
            lambda name=name: build_in(name, lambda: builder.build(spec)),
            TrackTask(*parts),
        )
        plain = in_float32(result.model, lambda: builder.build(spec))
        assert {str(weight.dtype) for weight in plain.weights} == {"float32"}
        assert {layer.compute_dtype for layer in plain.layers} == {"float32"}
        found[name] = roc_auc(parts[1].label, predict(plain, parts[1]))
        # What was validated is what leaves.
        assert found[name] == pytest.approx(result.best.val_auc, abs=2e-3)
    return found


@pytest.mark.parametrize("name", MIXED)
def test_auc_is_that_of_float32_within_its_error(aucs, parts, name):
    error = error_of(aucs["float32"], parts[1].label)

    assert aucs["float32"] > 0.85
    assert abs(aucs[name] - aucs["float32"]) < error
    assert aucs[name] != aucs["float32"]


@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("architecture", ["default", "cms2020", "cms_run3"])
def test_network_is_float32_at_both_ends(build, architecture, name):
    _, make = build(architecture)

    model = build_in(name, make)

    tensors = [*model.inputs, *model.outputs, *model.weights]
    assert {str(one.dtype) for one in tensors} <= {"float32", "uint32"}
    half = [layer for layer in model.layers if "16" in layer.compute_dtype]
    assert len(half) >= 3


@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("architecture", ["default", "cms2020"])
def test_large_and_fine_inputs_reach_the_sanitizer_as_they_are(
    build, parts, architecture, name
):
    _, make = build(architecture)
    whole = build_in(name, make)
    seen = keras.Model(whole.inputs, [whole.get_layer("sanitizer").output])
    plain = make()
    wanted = keras.Model(plain.inputs, [plain.get_layer("sanitizer").output])
    rows = parts[0].features[:4].astype("f4").copy()
    rows[0], rows[1], rows[2] = 1e5, 1e-5, 1e30
    inputs = [rows, np.full((4, 1), 24.0, "f4")]

    np.testing.assert_array_equal(*(as_array(one(inputs)) for one in (seen, wanted)))
    score = whole(inputs)
    assert np.isfinite(np.array(score)).all()
    assert str(score.dtype) in ("float32", "<dtype: 'float32'>")


def as_array(found):
    return np.array(found[0] if isinstance(found, (list, tuple)) else found)


def test_policy_comes_back_after_an_error():
    def fail():
        assert keras.config.dtype_policy().name == "mixed_float16"
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        build_in("mixed_float16", fail)
    assert keras.config.dtype_policy().name == "float32"
    with precision("mixed_float16"), pytest.raises(ArithmeticError):
        build_in("mixed_float16", fail)
    assert keras.config.dtype_policy().name == "float32"


def chain(first="float32", last="float32"):
    def build():
        inputs = keras.Input((3,), dtype="float32", name="features")
        x = keras.layers.Dense(2, dtype=first, name="first")(inputs)
        return keras.Model(inputs, keras.layers.Dense(1, dtype=last, name="last")(x))

    return build


def test_network_with_half_an_output_is_refused():
    with pytest.raises(SettingsError, match=r"outputs.*mixed_float16.*float16.*layers"):
        build_in("mixed_float16", chain(last=None))


def test_layer_that_squeezes_inputs_is_refused():
    with pytest.raises(SettingsError, match=r"read the inputs.*mixed_bfloat16.*first"):
        build_in("mixed_bfloat16", chain(first=None))


def test_only_float16_scales_its_loss(build):
    _, make = build()

    scales = {name: loss_scale_of(build_in(name, make)) for name in ("float32", *MIXED)}

    assert scales["float32"] is scales["mixed_bfloat16"] is None
    assert float(scales["mixed_float16"].state()[0]) == 2.0**15


def test_network_in_float32_stays_itself(build):
    _, make = build()
    model = make()

    assert in_float32(model, make) is model


def test_unbounded_inputs_are_refused_for_float16(build):
    spec, _ = build("cms_run3")

    with pytest.raises(SettingsError, match=r"bounded by 65504.*may be larger"):
        check_ranges("mixed_float16", spec)
    check_ranges("mixed_bfloat16", spec)
    check_ranges("mixed_float16", build("cms_run3", ranges="quantile")[0])
    check_ranges("mixed_float16", build()[0])


# Two replicas first: logical CPUs must stand before TensorFlow starts. Scales that
# start too high show that both replicas skip the same updates; `Overflowing` does so
# without the rounding of float16, so that replicas can be compared to 1e-6.
SCRIPT = """
import numpy as np
import tensorflow as tf
from network.builder import ModelBuilder
from tests.conftest import make_tracks
from trackdnn.settings import LocalSettings, ModelSettings, Stage
from trackdnn.training import trainer
from trackdnn.training.loss_scale import LossScale
from trackdnn.training.precision import build_in
from trackdnn.training.task import TrackTask
from trackdnn.training.fitting import fit_spec

class Overflowing(LossScale):
    def down(self, gradients):
        factor = tf.where(self._scale > 2.0 ** 16, np.inf, 1.0)
        return [gradient * factor for gradient in super().down(gradients)]

parts = make_tracks(303, 1), make_tracks(200, 2)
options = {"width": 16, "blocks": 1, "dropout": 0.0, "normalization": "none"}
builder = ModelBuilder(ModelSettings(options=options))
spec = fit_spec(ModelSettings(options=options), builder.preset, parts[0])
stage = Stage(epochs=2, batch_size=51, accumulate=2, clip=1.0, ema=0.9)

def train(cpus, policy, kind):
    scales = []
    def scale_of(model):
        start = 2.0 ** 40 if kind is LossScale else 2.0 ** 18
        scales.append(kind(start=start, growth=4))
        return scales[-1]
    trainer.loss_scale_of = scale_of
    result = trainer.ModelTrainer(stage, LocalSettings(logical_cpus=cpus), 1).train(
        lambda: build_in(policy, lambda: builder.build(spec)), TrackTask(*parts)
    )
    return result, scales[0].state()

half, (scale, _) = train(2, "mixed_float16", LossScale)
assert np.isfinite(half.best.val_loss) and half.best.val_loss < 0.7
assert 1.0 < scale < 2.0 ** 40
(two, there), (one, here) = (train(cpus, "float32", Overflowing) for cpus in (2, 1))
assert [float(x) for x in there] == [float(x) for x in here], (there, here)
assert 2.0 ** 14 <= here[0] <= 2.0 ** 17
pairs = zip(one.model.get_weights(), two.model.get_weights())
print(max(float(np.abs(a - b).max()) for a, b in pairs))
"""


@pytest.mark.slow
def test_two_replicas_with_a_scaled_loss_equal_one():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout) <= 1e-6
