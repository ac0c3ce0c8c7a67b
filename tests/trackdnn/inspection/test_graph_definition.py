from __future__ import annotations

import numpy as np
import pytest

from trackdnn.errors import BadFileError
from trackdnn.inspection.graph_definition import Session, read_definition


@pytest.fixture(scope="module")
def definition(sane_graph):
    return read_definition(sane_graph)


def test_definition_tells_inputs_and_outputs(definition):
    assert definition.placeholders == {"x": [-1, 29], "y": [-1, 1]}
    assert definition.outputs == ["Identity"]


def test_definition_has_a_wiring(definition):
    wiring = definition.wiring

    assert wiring.inputs == ("x", "y")
    assert wiring.operations["MatMul"] == 2
    assert wiring.operations["Placeholder"] == 2
    assert sum(wiring.operations.values()) == len(definition.graph.node)
    assert wiring.maker("Identity").operation == "Sigmoid"


def test_a_transposed_matrix_is_known(tmp_path):
    import tensorflow as tf

    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, (None, 5), name="x")
        tf.matmul(x, np.ones((2, 5), np.float32), transpose_b=True, name="out")
    (tmp_path / "a.pb").write_bytes(graph.as_graph_def().SerializeToString())

    wiring = read_definition(tmp_path / "a.pb").wiring

    assert wiring.maker("out").transposed


def test_session_gives_any_tensor(definition):
    session = Session(definition)
    feed = {"x": np.ones((2, 29), np.float32), "y": np.ones((2, 1), np.float32)}

    absolute, score = session.fetch(["Abs", "Identity:0"], feed)

    assert (absolute == 1).all()
    assert score.shape == (2, 1)


@pytest.mark.parametrize("content", [b"not a graph", b"\xff" * 100])
def test_definition_refuses_other_files(tmp_path, content):
    path = tmp_path / "a.pb"
    path.write_bytes(content)

    with pytest.raises(BadFileError, match=r"a\.pb must be a frozen graph"):
        read_definition(path)


def test_definition_refuses_an_empty_graph(tmp_path):
    path = tmp_path / "a.pb"
    path.write_bytes(b"")

    with pytest.raises(BadFileError, match=r"0 nodes without a placeholder"):
        read_definition(path)


@pytest.mark.parametrize("kind", [0, 9, 2])
def test_definition_refuses_constants_of_another_type(sane_graph, tmp_path, kind):
    import tensorflow as tf

    graph = tf.compat.v1.GraphDef.FromString(sane_graph.read_bytes())
    node = next(node for node in graph.node if node.op == "Const")
    node.attr["value"].tensor.dtype = kind
    (tmp_path / "a.pb").write_bytes(graph.SerializeToString())

    with pytest.raises(BadFileError, match="must hold constants of"):
        read_definition(tmp_path / "a.pb")
