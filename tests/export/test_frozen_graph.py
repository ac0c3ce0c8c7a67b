from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from export import frozen_graph, signature
from export.errors import ConversionError
from network.builder import PRESETS, ModelBuilder
from tests.network.architectures.numpy_twin import cms_run3_scores, dense_weights
from trackdnn.data.ranges import fit_input_spec

NAMES = signature.Names()


@pytest.fixture(scope="module")
def graph(model):
    return frozen_graph.freeze(model, NAMES)


def test_frozen_graph_has_the_interface_of_cmssw(graph):
    placeholders = {
        node.name: [d.size for d in node.attr["shape"].shape.dim]
        for node in graph.node
        if node.op == "Placeholder"
    }
    used = {name for node in graph.node for name in node.input}
    leaves = [n.name for n in graph.node if n.name not in used]

    assert placeholders == {"x": [-1, 29], "y": [-1, 1]}
    assert leaves == ["Identity"]


def test_frozen_graph_holds_nothing_foreign(graph):
    keys = {key for node in graph.node for key in node.attr}

    assert not graph.library.function
    assert not {key for key in keys if key.startswith(("_", "grad_"))}
    assert "NoOp" not in {node.op for node in graph.node}
    assert {node.device for node in graph.node} == {""}
    assert not any(node.HasField("experimental_debug_info") for node in graph.node)
    assert not any(i.startswith("^") for node in graph.node for i in node.input)


def test_frozen_graph_takes_chosen_names(model):
    names = signature.Names("tracks", "algo", "p")

    graph = frozen_graph.freeze(model, names)

    placeholders = {node.name for node in graph.node if node.op == "Placeholder"}
    assert placeholders == {"tracks", "algo"}


@pytest.mark.parametrize("form", ["list", "dict"])
def test_frozen_graph_equals_keras(make_model, spec, tracks, tmp_path, form):
    model = make_model(spec, activation="gelu", form=form)
    frozen_graph.write_frozen_graph(model, tmp_path / "g.pb", NAMES)

    session = frozen_graph.FrozenGraphSession(tmp_path / "g.pb", NAMES)

    expected = signature.evaluate(model, *tracks)
    np.testing.assert_allclose(session(*tracks), expected, rtol=0, atol=1e-6)
    assert session(tracks[0][:0], tracks[1][:0]).shape == (0, 1)


def test_frozen_graph_ignores_garbage_in_unused_rows(model, tracks, tmp_path):
    frozen_graph.write_frozen_graph(model, tmp_path / "g.pb", NAMES)
    session = frozen_graph.FrozenGraphSession(tmp_path / "g.pb", NAMES)
    features, category = (column[:16].copy() for column in tracks)
    expected = session(features, category)[:5]

    for odd in (np.nan, np.inf, -np.inf, 3.4e38, -1e-42):
        features[5:], category[5:] = odd, odd
        scores = session(features, category)
        np.testing.assert_array_equal(scores[:5], expected)
        assert np.isfinite(scores).all()


def test_frozen_graph_must_use_both_inputs():
    import keras

    x, y = keras.Input((3,), name="features"), keras.Input((1,), name="category")
    model = keras.Model([x, y], keras.layers.Dense(1)(x))

    with pytest.raises(ConversionError, match=r"Both inputs.*placeholders=\['x'\]"):
        frozen_graph.freeze(model, NAMES)


def test_frozen_graph_is_the_same_twice(model):
    first, second = (frozen_graph.freeze(model, NAMES) for _ in range(2))

    assert first.SerializeToString(deterministic=True) == second.SerializeToString(
        deterministic=True
    )


def test_frozen_cms_run3_equals_its_float64_twin(tracks_factory, tmp_path):
    preset = PRESETS["cms_run3"]
    real = tracks_factory(3000)
    spec = fit_input_spec(
        real,
        transforms=preset.transforms,
        ranges=preset.ranges,
        vocabulary=preset.vocabulary,
    )
    keras.utils.set_random_seed(3)
    choice = SimpleNamespace(architecture="cms_run3", options={})
    model = ModelBuilder(choice).build(spec)
    features, category = real.features, real.category[:, None].astype("f4")
    frozen_graph.write_frozen_graph(model, tmp_path / "g.pb", NAMES)

    session = frozen_graph.FrozenGraphSession(tmp_path / "g.pb", NAMES)

    expected = cms_run3_scores(spec, dense_weights(model), features, category)
    np.testing.assert_allclose(session(features, category)[:, 0], expected, atol=1e-5)
