"""The whole way: a graph of 2020 in small becomes ONNX and SavedModel, with proof."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import numpy as np
import pytest

from export import onnx_graph, verify
from export.conversion import converter
from export.conversion.converter import convert
from export.conversion.options import ConversionOptions
from export.conversion.source import read_source
from export.conversion.trials import build_trials, generated_rows
from export.errors import ConversionError, ParityError, TargetError
from export.safety import check_saved_model, read_onnx
from export.saved_model import SavedModelSignature
from export.signature import Names

CMS_GRAPHS = os.environ.get("TRACKDNN_CMS_GRAPHS")


@pytest.fixture(scope="module")
def source(old_file):
    return read_source(old_file)


@pytest.fixture(scope="module")
def trials(rows):
    return build_trials(rows, ("absolute_log1p",) * 4 + ("identity",) * 2)


@pytest.fixture(scope="module")
def converted(source, trials, tmp_path_factory):
    """A function from a kind to the output and its report, each made once."""
    folder, done = tmp_path_factory.mktemp("converted"), {}

    def make(to):
        if to not in done:
            output = folder / f"old.{to}"
            done[to] = output, convert(source, output, ConversionOptions(to=to), trials)
        return done[to]

    return make


@pytest.mark.parametrize(
    ("to", "load"),
    [("onnx", onnx_graph.OnnxSession), ("saved-model", SavedModelSignature)],
)
def test_what_was_written_scores_as_the_original(converted, source, rows, to, load):
    output, report = converted(to)

    scores = load(output, Names())(rows.features, rows.category)

    reference = source.runtime(rows.features, rows.category)
    difference = float(np.abs(scores - reference).max())
    told = report["parity"]["trials"][0]
    assert told["name"] == "plausible rows"
    assert difference <= told["max_difference"] < 2e-6
    assert np.ptp(reference) > 0.3


def test_odd_rows_give_nan_where_the_original_does(converted, source):
    output, _ = converted("onnx")
    session = onnx_graph.OnnxSession(output, Names())
    features = np.zeros((9, 6), np.float32)
    category = np.float32([[-1], [-2], [-8], [-9], [8], [np.nan], [1e9], [0.5], [0]])
    features[8, 4] = np.nan

    found = session(features, category)

    wanted = source.runtime(features, category)
    np.testing.assert_allclose(found, wanted, atol=2e-6)
    assert np.isnan(wanted[8])
    assert not np.isnan(wanted[:8]).any()


def test_report_tells_everything(converted, source, old):
    output, report = converted("onnx")

    assert json.loads(output.with_name(f"{output.name}.json").read_text()) == report
    assert report["source"]["sha256"] == source.sha256
    assert report["result"]["files"] == {output.name: verify.sha256(output)}
    assert (report["result"]["opset"], report["result"]["ir_version"]) == (13, 7)
    assert report["graph"]["folded"] == old.folds
    assert report["graph"]["after"] < report["graph"]["before"] == len(old.graph.node)
    assert 0 < report["parity"]["folding_difference"] < 2e-6
    assert report["parity"]["arbiter"] == "NumPy, double precision"
    assert {"cmssw-13_0", "acts"} <= set(report["targets"])


def test_files_keep_the_rules(converted):
    read_onnx(converted("onnx")[0])
    folder, report = converted("saved-model")

    check_saved_model(folder)
    assert f"{folder.name}/saved_model.pb" in report["result"]["files"]


def test_onnx_holds_no_batch_normalisation_and_its_source(converted, source):
    import onnx

    proto = onnx.load(converted("onnx")[0])

    operations = {node.op_type for node in proto.graph.node}
    assert not operations & {"Identity", "BatchNormalization", "OneHot", "Sqrt"}
    metadata = {item.key: item.value for item in proto.metadata_props}
    assert metadata["trackdnn.source_sha256"] == source.sha256


def test_names_can_be_chosen(source, trials, tmp_path):
    options = ConversionOptions(to="onnx", names=Names("input:0", "algo", "p"))

    convert(source, tmp_path / "a.onnx", options, trials[:1])

    import onnx

    graph = onnx.load(tmp_path / "a.onnx").graph
    assert [value.name for value in graph.input] == ["input:0", "algo"]
    assert [value.name for value in graph.output] == ["p"]


def test_steps_are_told(source, trials, tmp_path):
    told = []

    convert(
        source,
        tmp_path / "model",
        ConversionOptions(to="saved-model", fold=False),
        trials[:1],
        step=told.append,
    )

    assert told == [
        "simplifying",
        "writing saved-model",
        "comparing on 300 rows of plausible rows",
    ]


def refused(source, trials, folder, error, match, **options):
    options = ConversionOptions(**{"to": "onnx"} | options)
    with pytest.raises(error, match=match):
        convert(source, folder / "a.onnx", options, trials)
    assert list(folder.iterdir()) == []


def test_a_difference_leaves_nothing(source, trials, tmp_path):
    match = r"original to 1e-09.*Keep the normalisation with --no-fold"
    refused(source, trials, tmp_path, ParityError, match, tolerance=1e-9)


def test_a_broken_handler_leaves_nothing(source, trials, tmp_path, monkeypatch):
    def other(path, names):
        return lambda x, y: source.runtime(x, y) + np.float32(1e-3)

    monkeypatch.setattr(onnx_graph, "OnnxSession", other)
    refused(source, trials, tmp_path, ParityError, "Received: max", fold=False)


def test_operations_without_onnx_form_are_named(build, write, trials, tmp_path):
    import tensorflow as tf

    def body(x, y):
        return tf.math.igamma(tf.abs(x[:, :1]) + 1, tf.abs(y))

    source = read_source(write(build(body), "igamma.pb"))

    refused(source, trials, tmp_path, ConversionError, "Igamma at opset 13")


def test_an_input_without_part_is_named(build, write, trials, tmp_path):
    source = read_source(write(build(lambda x, y: y * 2.0), "half.pb"))

    refused(source, trials, tmp_path, ConversionError, "no path from x to")


def test_an_output_of_another_width_is_refused(build, write, trials, tmp_path):
    source = read_source(write(build(lambda x, y: x + y), "wide.pb"))

    match = r"original must give float32 scores of shape \(300, 1\)"
    refused(source, trials, tmp_path, ParityError, match)


def test_a_rule_of_the_target_is_told(source, trials, tmp_path, monkeypatch):
    def broken(artifact, target):
        return ["ONNX: too odd"]

    monkeypatch.setattr(converter.target_rules, "check_target", broken)
    refused(source, trials, tmp_path, TargetError, "too odd. Nothing was written")


def test_without_an_arbiter_all_rows_count(build, write, trials, tmp_path):
    import tensorflow as tf

    def body(x, y):
        return tf.sigmoid(tf.atan(x[:, :1]) + 0.1 * tf.tanh(y))

    source = read_source(write(build(body), "atan.pb"))
    report = convert(source, tmp_path / "a", ConversionOptions(to="onnx"), trials)

    assert report["parity"]["arbiter"].startswith("none: no double precision for Atan")
    assert [trial["unstable"] for trial in report["parity"]["trials"]] == [0, 0]
    assert report["parity"]["folding_difference"] is None


def of_another_form(x, y):
    raise ValueError("cannot reshape")


@pytest.mark.parametrize("wrong", [of_another_form, lambda x, y: 0.0 * y])
def test_an_arbiter_that_does_not_follow_is_none(
    source, trials, tmp_path, monkeypatch, wrong
):
    monkeypatch.setattr(converter.arithmetic, "evaluator", lambda *_: wrong)
    report = convert(source, tmp_path / "a", ConversionOptions(to="onnx"), trials)

    assert report["parity"]["arbiter"].endswith("does not follow the original")


@pytest.mark.skipif(not CMS_GRAPHS, reason="TRACKDNN_CMS_GRAPHS names no folder")
@pytest.mark.parametrize(("pattern", "folds"), [("QCDFlatPU*", 6), ("MkFit_Run3*", 0)])
@pytest.mark.parametrize("to", ["onnx", "saved-model"])
def test_cms_graphs_are_converted(tmp_path, pattern, folds, to):
    source = read_source(next(Path(CMS_GRAPHS).glob(f"{pattern}.pb")))
    plausible = generated_rows(29)
    trials = build_trials(plausible, ("identity",) * 29)

    report = convert(source, tmp_path / "a", ConversionOptions(to=to), trials)

    assert report["graph"]["folded"] == folds
    assert report["graph"]["after"] < report["graph"]["before"]
    assert dataclasses.asdict(ConversionOptions(to=to))["tolerance"] == 5e-6


def test_a_nan_that_folding_loses_names_the_option(build, write, tmp_path):
    import tensorflow as tf

    w = np.random.default_rng(1).normal(size=(7, 5)).astype(np.float32)

    def body(x, y):
        z = tf.matmul(tf.concat([x, y], 1), w) * 0.5 + np.ones(5, np.float32)
        return tf.sigmoid(tf.reduce_sum(tf.nn.relu(z), 1, keepdims=True))

    source = read_source(write(build(body), "relu.pb"))
    trials = build_trials(generated_rows(6), ("identity",) * 6)
    options = ConversionOptions(to="saved-model")

    with pytest.raises(ParityError, match=r"instead of nan .*with --no-fold\.$"):
        convert(source, tmp_path / "folded", options, trials)
    kept = dataclasses.replace(options, fold=False)
    assert convert(source, tmp_path / "kept", kept, trials)
