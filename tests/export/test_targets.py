from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from export.errors import TargetError
from export.targets import OLDEST, TARGETS, find_target


@pytest.mark.parametrize(
    ("name", "tensorflow", "onnxruntime", "opset", "ir_version"),
    [
        ("cmssw-13_0", "2.6.4", "1.10.0", 15, 7),
        ("cmssw-13_2", "2.6.4", "1.14.1", 18, 8),
        ("cmssw-14_2", "2.12.0", "1.17.1", 20, 9),
        ("cmssw-20_1", "2.21.0", "1.25.1", 21, 10),
        ("acts", None, "1.31", 21, 10),
        ("onnxruntime-1.17", None, "1.17", 20, 9),
        ("tensorflow-2.12", "2.12", None, None, None),
    ],
)
def test_target_knows_what_can_be_read(
    name, tensorflow, onnxruntime, opset, ir_version
):
    target = find_target(name)

    assert (target.tensorflow, target.onnxruntime) == (tensorflow, onnxruntime)
    assert (target.opset, target.ir_version) == (opset, ir_version)


def test_target_of_a_release_without_a_line_reads_what_the_one_before_does():
    assert (
        find_target("onnxruntime-1.13").opset == find_target("onnxruntime-1.12").opset
    )
    assert find_target("onnxruntime-1.22").opset == 21


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        (OLDEST, ("frozen_graph", "saved_model", "onnx")),
        ("acts", ("onnx",)),
        ("onnxruntime-1.19", ("onnx",)),
        ("tensorflow-2.15", ("frozen_graph", "saved_model")),
    ],
)
def test_target_runs_the_artifacts_of_its_runtimes(name, kinds):
    assert find_target(name).kinds == kinds


def test_every_cycle_of_cmssw_asks_what_its_classifier_feeds():
    cycles = [target for name, target in TARGETS.items() if name.startswith("cmssw")]

    assert len(cycles) == 9
    for target in cycles:
        assert target.placeholders == {"x": (-1, 29), "y": (-1, 1)}
        assert (target.output, target.dtype, target.rank) == ("Identity", "float32", 2)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cmsw", r"must be one of cmssw-13_0, .*, acts, onnxruntime-X\.Y .* 'cmsw'"),
        ("cmssw-16_0", r"other cycles are not known; cmssw-15_0 is older"),
        ("cmssw-12_4", r"or tensorflow-X\.Y\. Received: 'cmssw-12_4'"),
        ("onnxruntime-1.9", r"onnxruntime in a target must be 1\.10 to 1\.31"),
        ("tensorflow-2.22", r"tensorflow in a target must be 2\.6 to 2\.21"),
        ("tensorflow-2", r"must be one of"),
        ("", r"Received: ''"),
    ],
)
def test_unknown_target_is_refused(name, message):
    with pytest.raises(TargetError, match=message):
        find_target(name)


def test_target_is_plain_values():
    for target in TARGETS.values():
        content = target.to_dict()

        assert json.loads(json.dumps(content))["name"] == target.name
        assert content["opset"] == target.opset


def test_targets_import_no_machine_learning():
    code = (
        "import sys, export.targets, export.target_rules\n"
        "sys.exit(len({'numpy', 'onnx', 'tensorflow'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_every_named_target_is_documented_with_its_versions():
    text = (Path(__file__).parents[2] / "docs" / "deployment.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]

    for name in [name for name in TARGETS if re.match("cmssw|acts", name)]:
        target = TARGETS[name]
        (row,) = [line for line in rows if f"`{name}`" in line]
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[1:] == [
            target.tensorflow or "",
            target.onnxruntime or "",
            str(target.opset),
            str(target.ir_version),
        ]
