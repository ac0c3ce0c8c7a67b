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
    assert definition.operations["MatMul"] == 2


def test_definition_counts_parameters(definition):
    dense, total = definition.parameters()

    # Two matrices and the last bias; the first bias is a plain addition.
    assert dense == (29 + 25) * 8 + 8 + 1
    assert total > dense


def test_session_runs_any_tensor(definition):
    session = Session(definition, "x", "y")
    features, category = np.ones((2, 29), np.float32), np.ones((2, 1), np.float32)

    absolute, score = session.run(["Abs:0", "Identity:0"], features, category)

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
