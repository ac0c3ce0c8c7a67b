"""A small trained-looking network and what goes with it, shared by the export tests."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from network.inputs import InputSpec

WIDTH = 29


@dataclasses.dataclass(frozen=True)
class Options:
    """Settings of the exporter, as `trackdnn.settings.ExportSettings` has them."""

    target: str = "cmssw-13_0"
    feature_input: str = "x"
    category_input: str = "y"
    onnx_output: str = "score"
    opset: int = 13
    ir_version: int = 7
    tolerance: float = 1e-6
    static_batches: tuple[int, ...] = ()


@pytest.fixture(scope="session")
def options():
    return Options


@pytest.fixture(scope="session")
def spec():
    logarithmic = [True] * 17 + [False] * 2 + [True] * 2 + [False] * 8
    return InputSpec(
        names=tuple(f"input{i}" for i in range(WIDTH)),
        units=("GeV",) * WIDTH,
        transforms=tuple("absolute_log1p" if x else "identity" for x in logarithmic),
        lower=tuple(0.0 if x else -3.0 for x in logarithmic),
        upper=tuple(6.0 if x else 3.0 for x in logarithmic),
        scales=(1.0,) * 15 + (1e-3,) * 14,
        vocabulary=(4, 5, 7, 9, 22),
    )


@pytest.fixture(scope="session")
def make_model():
    """A function from a spec to a functional model with random weights."""

    def build(spec, activation="elu", form="list"):
        import keras

        from network.custom.input_sanitizer import InputSanitizer
        from network.custom.one_hot import OneHot

        keras.utils.set_random_seed(5)
        features = keras.Input((spec.width,), name="features")
        category = keras.Input((1,), name="category")
        clean = InputSanitizer(
            spec.transforms, spec.lower, spec.upper, spec.scales, spec.rescale
        )(features)
        x = keras.layers.Concatenate()([clean, OneHot(spec.vocabulary)(category)])
        x = keras.layers.Dense(32, activation=activation)(x)
        x = keras.layers.BatchNormalization()(x)
        y = keras.layers.Dense(32, activation=activation)(x)
        x = keras.layers.Add()([x, y])
        score = keras.layers.Dense(1, activation="sigmoid", name="score")(x)
        if form == "dict":
            inputs = {"features": features, "category": category}
            return keras.Model(inputs, {"score": score})
        return keras.Model([features, category], score)

    return build


@pytest.fixture(scope="session")
def model(make_model, spec):
    return make_model(spec)


@pytest.fixture(scope="session")
def tracks(spec):
    """Features over many orders of magnitude, and a category, of 1000 tracks."""
    rng = np.random.default_rng(2)
    features = rng.normal(size=(1000, spec.width))
    features *= 10 ** rng.uniform(-6, 3, features.shape)
    category = rng.choice([*spec.vocabulary, 99], (1000, 1))
    return features.astype(np.float32), category.astype(np.float32)


@pytest.fixture(scope="session")
def bundle(model, spec, tracks, tmp_path_factory):
    from export.exporter import ModelExporter

    folder = tmp_path_factory.mktemp("export") / "bundle"
    details = {
        "training": {"tracks": 1000, "epochs": 3},
        "evaluation": {"auc": 0.98},
        "working_points": {"loose": {"overall": -0.5}},
        "versions": {"trackdnn": "0.1"},
        "fingerprint": "abc",
        "cmssw_cuts": "# cuts\n",
    }
    exporter = ModelExporter(Options())
    return exporter.export(model, spec, folder, sample=tracks, details=details)


@pytest.fixture(scope="session")
def static_bundle(model, spec, tracks, tmp_path_factory):
    """A bundle with fixed batch sizes as well."""
    from export.exporter import ModelExporter

    exporter = ModelExporter(Options(static_batches=(16, 1)))
    path = tmp_path_factory.mktemp("static") / "bundle"
    return exporter.export(model, spec, path, sample=tracks)


@pytest.fixture(scope="session")
def edge_network():
    from tests.export.graph_models import build_network

    return build_network()


@pytest.fixture(scope="session")
def embedding_network():
    from tests.export.graph_models import build_network

    return build_network("embedding", {"width": 8, "depth": 2, "dimensions": 3})


@pytest.fixture(scope="session")
def plain_edge_proto(edge_network):
    """The small network of edges as `convert_edges` writes it, nothing joined."""
    from export.graph_network import convert_edges

    return convert_edges(edge_network, fused=False)


@pytest.fixture(scope="session")
def edge_proto(plain_edge_proto):
    from export.variants.activations import join_sigmoids
    from export.variants.graph import Graph
    from export.variants.normalization import join_normalizations

    graph = Graph(plain_edge_proto)
    join_normalizations(graph)
    join_sigmoids(graph)
    return graph.proto()


@pytest.fixture(scope="session")
def graphs():
    from export.graph_parity import edge_graphs
    from tests.export.graph_models import INPUTS

    return edge_graphs(INPUTS)


@pytest.fixture(scope="session")
def edge_scores(edge_network, graphs):
    """Probabilities of the edges of `graphs` by Keras."""
    from export.graph_parity import evaluate_edges

    return evaluate_edges(edge_network, graphs)
