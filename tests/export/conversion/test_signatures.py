"""Graphs into SavedModels and back, with what they compute."""

from __future__ import annotations

import numpy as np
import pytest

from export.conversion.graph import working_graph
from export.conversion.signatures import (
    graph_function,
    load_saved_model,
    write_function,
)
from export.conversion.simplification import simplify
from export.conversion.source import read_source
from export.errors import ConversionError
from export.safety import check_saved_model
from export.signature import Names


@pytest.fixture(scope="module")
def saved(old, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "model"
    graph = simplify(old.graph, "Identity").plain
    names = Names("hits", "step", "p")
    write_function(graph_function(graph, ("x", "y"), names, 6), folder)
    return folder


def test_saved_model_has_the_names_asked_for(saved):
    check_saved_model(saved)

    loaded = load_saved_model(saved)

    found = [(t.name, t.dtype, t.shape) for t in loaded.inputs]
    assert found == [("hits", "float32", (-1, 6)), ("step", "float32", (-1, 1))]
    assert loaded.outputs == ("p",)


def test_saved_model_computes_the_same(saved, old, rows, run):
    source = read_source(saved)

    before = run(old.graph, "Identity:0", rows)
    scores = source.runtime(rows.features, rows.category)
    flat = working_graph(source.graph, source.output)

    np.testing.assert_allclose(scores, before, atol=5e-6)
    assert (source.kind, source.width) == ("saved_model", 6)
    assert {source.features, source.category} <= set(flat.nodes)
    assert "PartitionedCall" not in flat.operations


def test_fetch_is_not_for_saved_models(saved):
    with pytest.raises(ConversionError, match="`--fetch` is for frozen graphs"):
        read_source(saved, "p")


def make(folder, functions):
    import tensorflow as tf

    module = tf.Module()
    x = tf.TensorSpec((None, 6), tf.float32, name="x")
    y = tf.TensorSpec((None, 1), tf.float32, name="y")
    signatures = {
        name: tf.function(body, input_signature=[x, y]).get_concrete_function()
        for name, body in functions.items()
    }
    tf.saved_model.save(module, str(folder), signatures=signatures)
    return folder


def test_a_choice_of_signatures_is_refused(tmp_path):
    def one(x, y):
        return {"p": x[:, :1] + y}

    folder = make(tmp_path / "two", {"a": one, "b": one})

    with pytest.raises(ConversionError, match=r"must have one signature.*a, b$"):
        read_source(folder)


def test_a_signature_of_two_scores_is_refused(tmp_path):
    folder = make(tmp_path / "m", {"serve": lambda x, y: {"p": x[:, :1] + y, "q": y}})

    with pytest.raises(ConversionError, match=r"must give the score alone.*p, q$"):
        read_source(folder)


def test_functions_of_a_frozen_graph_are_written_out(write, rows):
    import tensorflow as tf

    @tf.function
    def inner(x, y):
        return tf.reduce_sum(x, 1, keepdims=True) * y

    scope = tf.Graph()
    with scope.as_default():
        x = tf.compat.v1.placeholder(tf.float32, (None, 6), name="x")
        y = tf.compat.v1.placeholder(tf.float32, (None, 1), name="y")
        tf.identity(inner(x, y), name="Identity")
    source = read_source(write(scope.as_graph_def(), "calls.pb"))

    graph = simplify(source.graph, source.output).graph

    assert not source.graph.library.function
    assert set(graph.operations) == {"Const", "Mul", "Placeholder", "Sum"}
    scores = source.runtime(rows.features, rows.category)
    np.testing.assert_allclose(
        scores, rows.features.sum(1, keepdims=True) * rows.category, atol=1e-4
    )


def test_a_saved_model_without_its_weights_is_named(tmp_path):
    import shutil

    import tensorflow as tf

    module = tf.Module()
    module.weight = tf.Variable(2.0)

    def body(x, y):
        return {"p": x[:, :1] * module.weight + y}

    specs = [tf.TensorSpec((None, 6), name="x"), tf.TensorSpec((None, 1), name="y")]
    module.body = tf.function(body, input_signature=specs)
    folder = tmp_path / "model"
    tf.saved_model.save(module, str(folder), signatures=module.body)
    assert read_source(folder).width == 6
    shutil.rmtree(folder / "variables")

    with pytest.raises(ConversionError, match=r"must be able to load .*model"):
        read_source(folder)
