"""The default bundle, and one with the latest ONNX, in runtimes of other years."""

from __future__ import annotations

import pytest

from benchmarks import old_runtimes
from export.exporter import ModelExporter

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def environments(tmp_path_factory):
    return tmp_path_factory.mktemp("environments")


def test_default_bundle_runs_in_every_runtime(bundle, environments):
    found = list(old_runtimes.matrix(bundle, environments, old_runtimes.ENVIRONMENTS))

    print(old_runtimes.table(found))  # noqa: T201  the table of the report
    assert len(found) == 9
    assert [one for one in found if one.verdict != "ok"] == []


@pytest.mark.parametrize(
    ("opset", "ir_version", "refused"),
    [
        (14, 7, []),
        (18, 8, []),
        (20, 9, ["onnxruntime 1.15"]),
        (20, 10, ["onnxruntime 1.15", "onnxruntime 1.17"]),
    ],
)
def test_later_onnx_runs_or_is_refused_by_rule(
    model, spec, options, tmp_path, environments, opset, ir_version, refused
):
    asked = options("acts", opset=opset, ir_version=ir_version)
    bundle = ModelExporter(asked).export(model, spec, tmp_path / "bundle")
    served = [one for one in old_runtimes.ENVIRONMENTS if "onnx" in one.name]

    found = list(old_runtimes.matrix(bundle, environments, served))

    assert [one.runtime for one in found if one.difference is None] == refused
    assert all(one.good for one in found)
