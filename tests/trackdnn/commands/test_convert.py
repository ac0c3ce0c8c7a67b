"""`convert` as users type it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from trackdnn.cli import main


@pytest.fixture(scope="module")
def write_classifier(tmp_path_factory):
    """A function from a width to a small frozen graph."""
    import tensorflow as tf

    folder = tmp_path_factory.mktemp("convert")

    def write(width, extra=False):
        rng = np.random.default_rng(width)
        weights = rng.normal(0, 0.3, (width + 25, 1)).astype(np.float32)
        scope = tf.Graph()
        with scope.as_default():
            x = tf.compat.v1.placeholder(tf.float32, (None, width), name="x")
            y = tf.compat.v1.placeholder(tf.float32, (None, 1), name="y")
            code = tf.reshape(tf.one_hot(tf.cast(y, tf.int32), 25), (-1, 25))
            z = tf.concat([tf.tanh(tf.math.log1p(tf.abs(x))), code], 1)
            score = tf.sigmoid(tf.matmul(z, weights), name="score")
            if extra:
                tf.exp(z, name="other")
            else:
                tf.identity(score, name="Identity")
        path = folder / f"graph{width}{extra}.pb"
        path.write_bytes(scope.as_graph_def().SerializeToString())
        return path

    return write


def converted(path, output, *words):
    return main(["convert", str(path), "-o", str(output), *words])


def test_onnx_is_proven_on_tracks(write_classifier, ntuple_factory, tmp_path, capsys):
    tracks = ntuple_factory(events=10, drop=["trk_isTrue"])
    output = tmp_path / "a.onnx"

    code = converted(
        write_classifier(29), output, "--to", "onnx", "--tracks", str(tracks)
    )

    said = capsys.readouterr().out
    assert code == 0
    assert "a.onnx (onnx; x, y -> score)" in said
    assert "max |Δ| tracks" in said
    assert "max |Δ| odd rows" in said
    assert output.is_file()


def test_json_is_the_report(write_classifier, ntuple_factory, tmp_path, capsys):
    tracks = ntuple_factory(events=10)
    words = ["--to", "saved-model", "--json", "--tracks", str(tracks), "--rows", "40"]

    code = converted(write_classifier(29), tmp_path / "model", *words)

    report = json.loads(capsys.readouterr().out)
    assert code == 0
    assert report == json.loads((tmp_path / "model.json").read_text())
    assert report["parity"]["trials"][0]["rows"] == 40
    assert report["result"]["output"] == "score"


def test_output_is_beside_the_graph_by_default(write_classifier, capsys):
    path = write_classifier(29)

    assert main(["convert", str(path), "--to", "onnx", "--quiet"]) == 0
    assert path.with_suffix(".onnx").is_file()


def test_other_widths_and_names(write_classifier, tmp_path, capsys):
    words = ["--to", "onnx", "--input-names", "hits, algo", "--output-name", "p"]
    words += ["--target", "cmssw-14_1", "--opset", "18", "--ir-version", "8", "--json"]

    assert converted(write_classifier(5), tmp_path / "b.onnx", *words) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["result"]["inputs"] == ["hits", "algo"]
    assert report["result"]["opset"] == 18


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--to", "h5"], "`--to` must be onnx or saved-model. Received: h5"),
        (["--to", "onnx", "--opset", "21"], "`--opset` must be at most 15 for cmssw-"),
        (["--to", "onnx", "--input-names", "x"], "--input-names must be two"),
        (["--to", "onnx", "--tolerance", "0"], "--tolerance must be between 0 and 1"),
        (["--to", "onnx", "--target", "no"], "A target must be one of"),
        (["--to", "onnx", "--tracks", "a.root"], "--tracks needs a graph of the 29"),
        (["--to", "onnx", "--fetch", "no"], "`--fetch` must name a node of"),
        (["--to", "onnx", "--tolerance", "1e-12"], "must reproduce the original"),
        (["--to", "onnx", "--output-name", "x"], "must have different names"),
    ],
)
def test_wrong_words_are_one_line_and_leave_nothing(
    write_classifier, tmp_path, capsys, words, text
):
    code = converted(write_classifier(5), tmp_path / "c.onnx", *words)

    said = capsys.readouterr().err
    assert code == 2
    assert said.startswith("error: ")
    assert text in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_graph_of_two_outputs_asks_for_one(write_classifier, tmp_path, capsys):
    path = write_classifier(5, extra=True)

    assert converted(path, tmp_path / "d.onnx", "--to", "onnx") == 2
    assert "Choose the score with --fetch NODE" in capsys.readouterr().err
    assert converted(path, tmp_path / "d.onnx", "--to", "onnx", "--fetch", "score") == 0


def test_a_file_that_is_not_there(tmp_path, capsys):
    code = converted(tmp_path / "no.pb", tmp_path / "e.onnx", "--to", "onnx")

    assert code == 2
    assert "FILE must be a graph that is there" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[""], ["."], ["/"], [".", "-o", ""]])
def test_paths_without_a_name_are_refused(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert main(["convert", *words, "--to", "onnx"]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("error: --output must ")
    assert said.out == ""
