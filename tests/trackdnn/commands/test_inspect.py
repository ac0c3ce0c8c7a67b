from __future__ import annotations

import json

import numpy as np
import pytest

from trackdnn.cli import main


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A foreign ONNX file: tanh of the first of two columns."""
    import onnx
    from onnx import helper, numpy_helper

    def value(name, width):
        return helper.make_tensor_value_info(name, 1, ["n", width])

    matrix = numpy_helper.from_array(np.float32([[1.0], [0.0]]), "w")
    nodes = [
        helper.make_node("MatMul", ["a", "w"], ["b"]),
        helper.make_node("Tanh", ["b"], ["out"]),
    ]
    graph = helper.make_graph(nodes, "g", [value("a", 2)], [value("out", 1)], [matrix])
    opsets = [helper.make_opsetid("", 13)]
    path = tmp_path_factory.mktemp("network") / "a.onnx"
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=7), path)
    return path


def test_inspect_prints_lines_and_tables(network, capsys):
    assert main(["inspect", str(network)]) == 0

    out = capsys.readouterr().out
    assert out.startswith(f"ONNX file: {network}")
    assert "layers: 2 -> 1 tanh" in out
    assert "dead inputs (score moves by less than 1e-06): a[1]" in out
    assert "input  rank" in out
    assert "\x1b" not in out


def test_inspect_prints_json(network, capsys):
    assert main(["inspect", str(network), "--json"]) == 0

    content = json.loads(capsys.readouterr().out)
    assert content["kind"] == "ONNX file"
    assert content["responses"]["dead"] == ["a[1]"]


def test_inspect_draws(network, tmp_path, capsys):
    picture = tmp_path / "new" / "a.png"

    assert main(["inspect", str(network), "--plot", str(picture)]) == 0

    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "picture: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.txt", "`--plot` must end in .png or .pdf. Received: "),
        ("file/a.png", "must be a file that can be written. Received: "),
    ],
)
def test_inspect_refuses_other_pictures(network, tmp_path, capsys, name, reason):
    (tmp_path / "file").write_text("")

    code = main(["inspect", str(network), "--plot", str(tmp_path / name)])

    assert code == 2
    assert reason in capsys.readouterr().err


def test_inspect_refuses_to_draw_what_is_no_graph(tmp_path, ntuple_factory, capsys):
    code = main(["inspect", str(ntuple_factory()), "--plot", str(tmp_path / "a.png")])

    assert code == 2
    assert (
        "`--plot` must come with a graph that can be asked" in capsys.readouterr().err
    )


def test_inspect_refuses_data_for_another_graph(network, ntuple_factory, capsys):
    code = main(["inspect", str(network), "--data", str(ntuple_factory())])

    assert code == 2
    assert "must take the 29 inputs" in capsys.readouterr().err
