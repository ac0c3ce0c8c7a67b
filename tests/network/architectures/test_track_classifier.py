"""The three networks: parameters, layers, a NumPy twin, and what they survive."""

import dataclasses
import types

import keras
import numpy as np
import pytest

from network.architectures import track_classifier
from network.builder import ModelBuilder
from network.presets import PRESETS, complete_options
from tests.network.architectures.numpy_twin import cms_run3_scores, dense_weights

ignore_numpy_copy = pytest.mark.filterwarnings("ignore:__array__ implementation")


def build(name, make_spec, **options):
    keras.utils.set_random_seed(2)
    choice = types.SimpleNamespace(architecture=name, options=options)
    return ModelBuilder(choice).build(make_spec(PRESETS[name]))


@pytest.mark.parametrize(("name", "count"), [("cms2020", 60449), ("cms_run3", 74241)])
def test_reference_has_its_number_of_parameters(make_spec, name, count):
    assert build(name, make_spec).count_params() == count


@pytest.mark.parametrize("name", PRESETS)
def test_inputs_and_output_have_fixed_names(make_spec, name):
    model = build(name, make_spec)

    assert [tensor.name for tensor in model.inputs] == ["features", "category"]
    assert [tensor.dtype for tensor in model.inputs] == ["float32", "float32"]
    assert model.layers[-1].name == "score"
    assert model.output.shape == (None, 1)


@pytest.mark.parametrize("name", PRESETS)
def test_scores_are_probabilities_whatever_comes_in(make_spec, raw_tracks, name):
    score = np.asarray(build(name, make_spec)(list(raw_tracks)))

    assert score.dtype == np.float32
    assert np.all((score >= 0) & (score <= 1))


@pytest.mark.parametrize("name", PRESETS)
def test_inputs_may_come_by_name(make_spec, raw_tracks, name):
    model, (features, category) = build(name, make_spec), raw_tracks

    by_name = model({"category": category, "features": features})

    np.testing.assert_array_equal(by_name, model([features, category]))


@ignore_numpy_copy
@pytest.mark.parametrize("name", PRESETS)
def test_model_survives_a_file(make_spec, raw_tracks, tmp_path, name):
    model = build(name, make_spec)
    model.save(tmp_path / "model.keras")

    loaded = keras.models.load_model(tmp_path / "model.keras")

    assert loaded.to_json() == model.to_json()
    np.testing.assert_array_equal(loaded(list(raw_tracks)), model(list(raw_tracks)))


def test_cms_run3_equals_its_numpy_twin(make_spec):
    spec, model = make_spec(PRESETS["cms_run3"]), build("cms_run3", make_spec)
    rng = np.random.default_rng(4)
    features = rng.normal(size=(500, 29)) * 10 ** rng.uniform(-4, 2, (500, 29))
    features[:3, 11], features[3, 5], features[4, 9] = -99999, np.nan, np.inf
    features = features.astype("f4")
    category = rng.choice([4, 23, 24, 25, 26], (500, 1)).astype("f4")

    expected = cms_run3_scores(spec, dense_weights(model), features, category)

    np.testing.assert_allclose(
        np.asarray(model([features, category]))[:, 0], expected, atol=1e-5
    )


def test_cms2020_normalises_after_each_dense_layer(make_spec):
    kinds = [type(layer).__name__ for layer in build("cms2020", make_spec).layers]

    assert kinds[-11:] == ["Dense", "BatchNormalization"] * 5 + ["Dense"]


@pytest.mark.parametrize("name", PRESETS)
def test_head_is_float32_under_mixed_precision(make_spec, raw_tracks, name):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        score = build(name, make_spec)(list(raw_tracks))
    finally:
        keras.config.set_dtype_policy("float32")

    assert keras.backend.standardize_dtype(score.dtype) == "float32"


@pytest.mark.parametrize(
    "options",
    [
        {"normalization": "batch", "activation": "gelu", "dropout": 0.0},
        {"normalization": "none", "activation": "elu", "blocks": 0},
        {"derived": False, "dropout": 0.1, "category_dropout": 0.1},
        {"directions": True},
    ],
)
def test_default_obeys_its_options(make_spec, raw_tracks, tmp_path, options):
    model = build("default", make_spec, width=8, **options)

    kinds = {type(layer).__name__ for layer in model.layers}
    assert ("TrackKinematics" in kinds) == options.get("derived", True)
    dropout = options.get("dropout", 0.15) > 0 and options.get("blocks", 3) > 0
    assert ("Dropout" in kinds) == dropout
    assert ("SelectColumns" in kinds) != options.get("directions", False)
    assert ("BatchNormalization" in kinds) == (options.get("normalization") == "batch")
    assert model.get_layer("stem").units == 8
    assert np.isfinite(model(list(raw_tracks), training=True)).all()


def test_default_works_without_derived_quantities_on_other_inputs(make_spec):
    spec = dataclasses.replace(
        make_spec(PRESETS["default"]), names=tuple(f"input{i}" for i in range(29))
    )
    options = complete_options("default", {"derived": False})

    model = track_classifier.residual(spec, unknown="zero", **options)

    assert "kinematics" not in {layer.name for layer in model.layers}
