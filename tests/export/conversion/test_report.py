from __future__ import annotations

import hashlib
import json

from export.artifacts import Artifact, Tensor
from export.conversion.options import ConversionOptions
from export.conversion.proof import Proof
from export.conversion.report import describe, hashes
from export.conversion.simplification import simplify
from export.conversion.source import read_source


def test_hash_of_a_file_and_of_a_folder(tmp_path):
    (tmp_path / "hidden").write_bytes(b"1")
    (tmp_path / "model" / "variables").mkdir(parents=True)
    (tmp_path / "model" / "variables" / "v").write_bytes(b"2")

    one, two = (hashlib.sha256(text).hexdigest() for text in (b"1", b"2"))
    assert hashes(tmp_path / "hidden", "a.onnx") == {"files": {"a.onnx": one}}
    assert hashes(tmp_path / "model", "m") == {"files": {"m/variables/v": two}}


def test_report_is_plain_and_complete(old, old_file):
    tensors = [Tensor(n, "float32", (-1, w)) for n, w in (("x", 6), ("y", 1))]
    artifact = Artifact(
        kind="onnx",
        inputs=tuple(tensors),
        outputs=(Tensor("score", "float32", (-1, 1)),),
        opsets={"ai.onnx": 18},
        ir_version=8,
    )
    proof = Proof(name="odd rows", rows=3, max_difference=1e-7, nan=1)

    report = describe(
        read_source(old_file),
        ConversionOptions(to="onnx", target="acts"),
        simplify(old.graph, "Identity"),
        artifact,
        [proof],
    )

    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["format"] == "trackdnn-conversion"
    assert report["parity"]["trials"][0]["rows"] == 3
    assert report["source"]["files"] == {old_file.name: report["source"]["sha256"]}
    assert report["target"] == "acts"
    # Opset 18 is too new for the oldest cycle.
    assert "acts" in report["targets"]
    assert "cmssw-13_0" not in report["targets"]
