"""Each rule of a target refuses what breaks it, in one sentence."""

from __future__ import annotations

import dataclasses

import pytest

from export.artifacts import Artifact, Tensor, read_artifacts
from export.errors import TargetError
from export.target_rules import (
    check_bundle,
    check_target,
    require,
    require_options,
    satisfied,
)
from export.targets import TARGETS, find_target

CMSSW = find_target("cmssw-13_0")
X, Y = Tensor("x", "float32", (-1, 29)), Tensor("y", "float32", (-1, 1))
SCORE = Tensor("score", "float32", (-1, 1))
ONNX = Artifact(
    kind="onnx",
    inputs=(X, Y),
    outputs=(SCORE,),
    opsets={"ai.onnx": 13},
    ir_version=7,
)
FROZEN = Artifact(
    kind="frozen_graph",
    inputs=(X, Y),
    outputs=(Tensor("Identity", "float32", None),),
)
SAVED = Artifact(kind="saved_model", inputs=(X, Y), outputs=(SCORE,))
FITTING = [FROZEN, SAVED, ONNX]


@pytest.mark.parametrize("name", TARGETS)
def test_defaults_suit_every_target(name):
    assert check_bundle(FITTING, TARGETS[name]) == []


def test_exported_bundle_suits_every_target(bundle):
    assert satisfied(read_artifacts(bundle.folder)) == list(TARGETS)


@pytest.mark.parametrize(
    ("artifact", "changes", "rule"),
    [
        (
            ONNX,
            {"opsets": {"ai.onnx": 16}},
            "ONNX: the opset of ai.onnx must be at most 15 for cmssw-13_0 "
            "(ONNX Runtime 1.10.0). Received: 16",
        ),
        (
            ONNX,
            {"opsets": {"ai.onnx": 13, "ai.onnx.ml": 3}},
            "ONNX: the opset of ai.onnx.ml must be at most 2 for cmssw-13_0 "
            "(ONNX Runtime 1.10.0). Received: 3",
        ),
        (
            ONNX,
            {"opsets": {"com.microsoft": 1}},
            "ONNX: operators must be of ai.onnx or ai.onnx.ml for cmssw-13_0. "
            "Received: domain='com.microsoft'",
        ),
        (
            ONNX,
            {"ir_version": 8},
            "ONNX: the IR version must be at most 7 for cmssw-13_0 "
            "(ONNX Runtime 1.10.0). Received: 8",
        ),
        (
            ONNX,
            {"external": True},
            "ONNX: the weights must be in the file itself for cmssw-13_0. "
            "Received: external data",
        ),
        (
            ONNX,
            {"inputs": (X, Tensor("y", "int32", (-1, 1)))},
            "ONNX: 'y' must be float32 for cmssw-13_0. Received: int32",
        ),
        (
            ONNX,
            {"inputs": (X, Tensor("y", "float32", (-1,)))},
            "ONNX: 'y' must have 2 axes for cmssw-13_0. Received: 1",
        ),
        (
            ONNX,
            {"inputs": (X, Tensor("y", "float32", (16, 1)))},
            "ONNX: 'y' must vary in its first axis, the tracks, and in no other for "
            "cmssw-13_0. Received: [16, 1]",
        ),
        (
            ONNX,
            {"inputs": (Tensor("x", "float32", None), Y)},
            "ONNX: 'x' must tell its shape for cmssw-13_0. Received: none",
        ),
        (
            ONNX,
            {"outputs": (SCORE, Tensor("more", "float32", (-1, 1)))},
            "ONNX: it must have 1 output for cmssw-13_0. Received: 2",
        ),
        (
            FROZEN,
            {"inputs": (X, Tensor("algo", "float32", (-1, 1)))},
            "frozen graph: the inputs must be x [-1, 29], y [-1, 1] for cmssw-13_0. "
            "Received: x [-1, 29], algo [-1, 1]",
        ),
        (
            FROZEN,
            {"inputs": (Tensor("x", "float32", None), Y)},
            "frozen graph: the inputs must be x [-1, 29], y [-1, 1] for cmssw-13_0. "
            "Received: x of any shape, y [-1, 1]",
        ),
        (
            FROZEN,
            {"outputs": (SCORE,)},
            "frozen graph: the output must be Identity for cmssw-13_0. Received: score",
        ),
        (
            FROZEN,
            {"min_consumer": 2000},
            "frozen graph: min_consumer must be at most 12 for cmssw-13_0, so that "
            "TensorFlow 2.6.4 reads it. Received: 2000",
        ),
        (
            SAVED,
            {"inputs": (X, Tensor("y", "float32", (-1, -1)))},
            "SavedModel: 'y' must vary in its first axis, the tracks, and in no other "
            "for cmssw-13_0. Received: [-1, -1]",
        ),
    ],
)
def test_broken_rule_is_named(artifact, changes, rule):
    assert check_target(dataclasses.replace(artifact, **changes), CMSSW) == [rule]


def test_artifact_of_a_kind_that_a_target_does_not_run_is_refused():
    assert check_target(FROZEN, find_target("acts")) == [
        "acts runs ONNX only. Received: frozen graph"
    ]


def test_bundle_is_judged_by_what_the_target_runs():
    later = dataclasses.replace(ONNX, opsets={"ai.onnx": 20}, ir_version=9)

    names = satisfied([FROZEN, SAVED, later])

    assert {"cmssw-14_1", "onnxruntime-1.17", "tensorflow-2.6", "acts"} <= set(names)
    assert not {"cmssw-13_0", "cmssw-14_0", "onnxruntime-1.14"} & set(names)


def test_names_and_types_are_free_where_the_target_asks_for_none():
    renamed = dataclasses.replace(ONNX, inputs=(Tensor("tracks", "float16", (-1, 3)),))

    assert check_target(renamed, find_target("onnxruntime-1.10")) == []


def test_require_names_every_broken_rule():
    bad = dataclasses.replace(ONNX, ir_version=9, external=True)

    with pytest.raises(TargetError, match=r"IR version .*; ONNX: the weights .*Change"):
        require([FROZEN, bad], CMSSW)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"opset": 18}, r"`export\.opset` must be at most 15 for cmssw-13_0 .*: 18"),
        ({"ir_version": 8}, r"`export\.ir_version` must be at most 7 .* Received: 8"),
        (
            {"feature_input": "t"},
            r"`export\.feature_input` must be 'x' for cmssw.*: 't'",
        ),
        (
            {"category_input": "a"},
            r"`export\.category_input` must be 'y' for cmssw.*: 'a'",
        ),
    ],
)
def test_options_that_break_a_rule_are_refused(options, changes, message):
    require_options(options())

    with pytest.raises(TargetError, match=message):
        require_options(options(**changes))


def test_options_are_free_where_the_target_asks_for_nothing(options):
    require_options(options("onnxruntime-1.17", "a", "b", opset=20, ir_version=9))
    require_options(options("tensorflow-2.12", "a", "b", opset=20, ir_version=10))
