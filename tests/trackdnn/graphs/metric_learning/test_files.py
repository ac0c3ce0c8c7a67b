"""The network of a metric learning on disk, whole and damaged."""

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from trackdnn.errors import BadFileError, OutputError
from trackdnn.graphs.metric_learning.files import (
    HISTORY,
    PLACE,
    Places,
    read_places,
    write_places,
)

WEIGHTS = np.float32([[1, 0], [0, 1], [1, 1]])


def network(given="nodes", made="place"):
    graph = helper.make_graph(
        [helper.make_node("MatMul", [given, "weights"], [made])],
        "place",
        [helper.make_tensor_value_info(given, TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info(made, TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(WEIGHTS, "weights")],
    )
    opsets = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


@pytest.fixture
def folder(tmp_path):
    write_places(tmp_path, Places(network().SerializeToString()), [{"epoch": 1}])
    return tmp_path


def read(folder, features=3, dimensions=2):
    return read_places(folder, features=features, dimensions=dimensions)


def test_places_come_back(folder):
    nodes = np.random.default_rng(1).normal(size=(5, 3)).astype("f4")

    np.testing.assert_allclose(read(folder)(nodes), nodes @ WEIGHTS, rtol=1e-6)
    assert read(folder)(nodes[:0]).shape == (0, 2)
    assert json.loads((folder / HISTORY).read_text()) == [{"epoch": 1}]
    assert {path.name for path in folder.iterdir()} == {PLACE, HISTORY}


def test_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match="must be writable"):
        write_places(tmp_path / "file", Places(network().SerializeToString()), [])


def test_missing_file(tmp_path):
    with pytest.raises(BadFileError, match=r"place\.onnx.*Received: No such file"):
        read(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"something else"])
def test_damaged_file(folder, content):
    (folder / PLACE).write_bytes(content)

    with pytest.raises(BadFileError, match=r"place\.onnx.*Received: a damaged graph"):
        read(folder)


def test_truncated_file(folder):
    whole = (folder / PLACE).read_bytes()
    (folder / PLACE).write_bytes(whole[: len(whole) // 2])

    with pytest.raises(BadFileError, match=r"place\.onnx"):
        read(folder)


@pytest.mark.parametrize(
    ("names", "message"),
    [({"given": "x"}, "a graph with x, place"), ({"made": "y"}, "nodes, y")],
)
def test_graph_of_something_else(folder, names, message):
    (folder / PLACE).write_bytes(network(**names).SerializeToString())

    with pytest.raises(BadFileError, match=message):
        read(folder)


@pytest.mark.parametrize("asked", [{"features": 5}, {"dimensions": 8}])
def test_graph_of_other_settings(folder, asked):
    with pytest.raises(BadFileError, match="3 features and 2 dimensions instead of"):
        read(folder, **asked)


def test_network_of_the_test_is_sound():
    onnx.checker.check_model(network())
