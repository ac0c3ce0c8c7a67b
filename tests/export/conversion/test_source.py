from __future__ import annotations

import hashlib

import numpy as np
import pytest

from export.conversion.source import GraphSession, read_source
from export.errors import BundleError, ConversionError, UnsafeGraphError


def test_old_graph_is_read_as_it_is(old, old_file, rows):
    source = read_source(old_file)

    assert (source.kind, source.features, source.category) == ("frozen_graph", "x", "y")
    assert (source.width, source.output, source.checks) == (6, "Identity:0", 0)
    assert source.sha256 == hashlib.sha256(old_file.read_bytes()).hexdigest()
    session = GraphSession(old.graph, "x", "y", "Identity:0")
    np.testing.assert_array_equal(
        source.runtime(rows.features, rows.category),
        session(rows.features, rows.category),
    )


def test_identity_is_the_score_among_several(old_file):
    source = read_source(old_file, "loss/dead")

    assert source.output == "loss/dead:0"


def test_several_outputs_are_named(old, write):
    renamed = type(old.graph)()
    renamed.CopyFrom(old.graph)
    for node in renamed.node:
        if node.name == "Identity":
            node.name = "score"
    path = write(renamed, "two.pb")

    with pytest.raises(
        ConversionError,
        match=r"one named Identity.*score, loss/dead.*--fetch",
    ):
        read_source(path)
    assert read_source(path, "score").output == "score:0"
    with pytest.raises(ConversionError, match=r"must name a node of .* scare$"):
        read_source(path, "scare")


def test_inputs_of_another_form_are_refused(build, write):
    import tensorflow as tf

    floats = (tf.float32, tf.float32)
    cases = {
        "x float32 [-1, 1], y": build(lambda x, y: x + y, 1, floats),
        "x float32 [-1, -1]": build(lambda x, y: x + y, None, floats),
        "y int32 [-1, 1]": build(
            lambda x, y: x + tf.cast(y, tf.float32), 6, (tf.float32, tf.int32)
        ),
    }
    for text, graph in cases.items():
        with pytest.raises(ConversionError, match="must be features float32") as caught:
            read_source(write(graph, "form.pb"))
        assert text in str(caught.value)


def test_strings_are_not_even_loaded(build, write):
    import tensorflow as tf

    graph = build(lambda x, y: tf.strings.length(x), 6, (tf.string, tf.float32))

    with pytest.raises(UnsafeGraphError, match="StringLength"):
        read_source(write(graph, "strings.pb"))


def test_one_input_is_not_enough(write):
    import tensorflow as tf

    scope = tf.Graph()
    with scope.as_default():
        tf.abs(tf.compat.v1.placeholder(tf.float32, (None, 6), name="x"))

    with pytest.raises(ConversionError, match=r"Received: x float32 \[-1, 6\]$"):
        read_source(write(scope.as_graph_def(), "one.pb"))


def test_onnx_is_refused(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"")

    with pytest.raises(ConversionError, match="from ONNX there is no way back"):
        read_source(path)


def test_rubbish_is_refused(tmp_path):
    path = tmp_path / "graph.pb"
    path.write_bytes(b"rubbish")

    with pytest.raises(UnsafeGraphError, match="must be a frozen graph"):
        read_source(path)


def test_a_damaged_name_is_one_of_a_damaged_file(old_file, tmp_path):
    path = tmp_path / "graph.pb"
    path.write_bytes(old_file.read_bytes().replace(b"model/concat", b"\xffodel/concat"))

    with pytest.raises(BundleError, match="must be a frozen graph"):
        read_source(path)


def test_checks_do_not_stop_the_original(build, write):
    import tensorflow as tf

    graph = build(lambda x, y: tf.debugging.check_numerics(y, "no") + x[:, :1])
    source = read_source(write(graph, "checked.pb"))

    scores = source.runtime(np.zeros((2, 6), np.float32), np.float32([[np.nan], [1]]))

    assert source.checks == 1
    np.testing.assert_array_equal(scores, np.float32([[np.nan], [1]]))


def test_a_graph_that_tensorflow_cannot_load_is_named(old):
    graph = type(old.graph)()
    graph.node.add(name="x", op="Abs", input=["y"])

    with pytest.raises(ConversionError, match="must be able to load the graph"):
        GraphSession(graph, "x", "y", "x:0")
