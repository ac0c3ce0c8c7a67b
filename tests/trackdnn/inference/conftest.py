"""A bundle of a small network on the inputs of the track classifier."""

from __future__ import annotations

import pytest

from network.inputs import InputSpec
from trackdnn.data.features import FEATURES
from trackdnn.settings import ExportSettings

VOCABULARY = (4, 5, 7, 22, 23)


def working_points():
    def cuts(loose, tight):
        return {"loose": {"cut": loose}, "tight": {"cut": tight}}

    return {
        "overall": cuts(-0.1, 0.1),
        "iterations": {"initialStep": {"originalAlgo": 4, "cuts": cuts(-0.9, 0.9)}},
    }


@pytest.fixture(scope="session")
def spec():
    logarithm = [f.transform == "absolute_log1p" for f in FEATURES]
    return InputSpec(
        names=tuple(feature.name for feature in FEATURES),
        units=tuple(feature.unit for feature in FEATURES),
        transforms=tuple(feature.transform for feature in FEATURES),
        lower=tuple(0.0 if log else -3.2 for log in logarithm),
        upper=tuple(5.0 if log else 40.0 for log in logarithm),
        scales=(1.0,) * len(FEATURES),
        vocabulary=VOCABULARY,
    )


@pytest.fixture(scope="session")
def network(spec):
    import keras

    from network.custom.input_sanitizer import InputSanitizer
    from network.custom.one_hot import OneHot

    keras.utils.set_random_seed(11)
    features = keras.Input((spec.width,), name="features")
    category = keras.Input((1,), name="category")
    clean = InputSanitizer(spec.transforms, spec.lower, spec.upper)(features)
    x = keras.layers.Concatenate()([clean, OneHot(spec.vocabulary)(category)])
    x = keras.layers.Dense(16, activation="elu")(x)
    score = keras.layers.Dense(1, activation="sigmoid", name="score")(x)
    return keras.Model([features, category], score)


@pytest.fixture(scope="session")
def export_bundle(network):
    """A function from spec, folder and working points to a bundle."""

    def export(spec, folder, points=None):
        from export.exporter import ModelExporter

        exporter = ModelExporter(ExportSettings())
        details = {"working_points": points or {}}
        return exporter.export(network, spec, folder, details=details)

    return export


@pytest.fixture(scope="session")
def bundle(export_bundle, spec, tmp_path_factory):
    folder = tmp_path_factory.mktemp("inference") / "bundle"
    return export_bundle(spec, folder, working_points())
