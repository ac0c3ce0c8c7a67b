"""The report beside a converted graph: what it was, what was done, what was proven."""

from __future__ import annotations

import datetime
import importlib.metadata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export import target_rules, verify
from export.targets import TARGETS

if TYPE_CHECKING:
    from export.artifacts import Artifact
    from export.conversion.options import ConversionOptions
    from export.conversion.proof import Proof
    from export.conversion.simplification import Simplified
    from export.conversion.source import Source

FORMAT = "trackdnn-conversion"
_PACKAGES = ("numpy", "onnx", "onnxruntime", "tf2onnx")


def hashes(path: Path, name: str) -> dict[str, Any]:
    """SHA-256 of each file of the result, by its path."""
    if path.is_file():
        return {"files": {name: verify.sha256(path)}}
    files = sorted(one for one in path.rglob("*") if one.is_file())
    by_name = {f"{name}/{one.relative_to(path).as_posix()}": one for one in files}
    return {"files": {key: verify.sha256(one) for key, one in by_name.items()}}


def describe(
    source: Source,
    options: ConversionOptions,
    done: Simplified,
    artifact: Artifact,
    proofs: Sequence[Proof],
) -> dict[str, Any]:
    """The report but for hashes of the result and what is found on the way."""
    import tensorflow as tf

    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {
        "format": FORMAT,
        "version": 1,
        "created": now,
        "source": {
            "file": source.path.name,
            "kind": source.kind,
            "sha256": source.sha256,
            **hashes(source.path, source.path.name),
            "inputs": [source.features, source.category],
            "output": source.output,
            "width": source.width,
        },
        "result": {
            "kind": artifact.kind,
            "inputs": [options.names.features, options.names.category],
            "output": options.names.score,
            "opset": artifact.opsets.get("ai.onnx"),
            "ir_version": artifact.ir_version or None,
        },
        "target": options.target,
        "targets": [
            name
            for name, one in TARGETS.items()
            if not target_rules.check_target(artifact, one)
        ],
        "graph": done.to_dict() | {"checks": source.checks},
        "parity": {
            "tolerance": options.tolerance,
            "trials": [proof.to_dict() for proof in proofs],
        },
        "versions": {"tensorflow": tf.__version__, **versions},
    }
