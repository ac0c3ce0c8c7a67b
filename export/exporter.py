"""From a trained Keras model to a verified bundle."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from export import (
    manifest,
    model_card,
    onnx_graph,
    parity,
    static_batches,
    target_rules,
)
from export.artifacts import read_artifacts
from export.assembly import assembled, check_replaceable
from export.description import describe_inputs
from export.errors import ConversionError, ExportError
from export.frozen_graph import OUTPUT, FrozenGraphSession, write_frozen_graph
from export.saved_model import SavedModelSignature, write_saved_model
from export.signature import Names, check_model, evaluate
from export.target_rules import TargetOptions
from export.targets import find_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from network.inputs import InputSpec

_PACKAGES = ("keras", "numpy", "onnx", "onnxruntime", "tf2onnx")
_DETAILS = {
    "training": dict,
    "evaluation": dict,
    "working_points": dict,
    "versions": dict,
    "fingerprint": str,
    "cmssw_cuts": str,
}
_MAX_SAMPLE = 100_000


class ExportOptions(TargetOptions, Protocol):
    """What the exporter asks of its settings."""

    @property
    def onnx_output(self) -> str: ...

    @property
    def tolerance(self) -> float: ...

    @property
    def static_batches(self) -> tuple[int, ...]: ...


class ModelExporter:
    """Writes a model in every format, proves each, and leaves one bundle.

    Args:
        options: Where the artifacts are to run, names of the tensors, opset and IR
            version of the ONNX file, the largest difference from Keras that passes, and
            the batch sizes to compile ahead of time for, often none.
    """

    def __init__(self, options: ExportOptions) -> None:
        self._options = options

    def export(
        self,
        model: Any,
        spec: InputSpec,
        folder: str | Path,
        *,
        sample: tuple[ArrayLike, ArrayLike] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> manifest.Bundle:
        """Export `model` to `folder`, all or nothing.

        Args:
            model: Functional `keras.Model` with inputs `features` of shape
                `(batch, spec.width)` and `category` of shape `(batch, 1)`.
            spec: What the inputs are.
            folder: The bundle's folder; an earlier bundle there is replaced.
            sample: Features of shape `(tracks, spec.width)` and category of shape
                `(tracks,)` or `(tracks, 1)` of real tracks to compare on.
            details: Plain values for manifest and card: `training`, `evaluation`,
                `working_points`, `versions` (dicts), `fingerprint` and `cmssw_cuts`
                (texts).

        Returns:
            The bundle, read back and verified.

        Raises:
            ConversionError: If the model cannot be written in a format.
            TargetError: If options or an artifact break a rule of the target.
            ParityError: If an artifact does not reproduce the model.
            BundleError: If `folder` cannot be replaced.
            ExportError: If `details` are of the wrong kind, or the disk refuses.
        """
        names = Names(
            self._options.feature_input,
            self._options.category_input,
            self._options.onnx_output,
        )
        details = _checked_details(details or {})
        target_rules.require_options(self._options)
        _check_width(model, spec)
        check_replaceable(Path(folder))
        tracks = _checked_sample(sample, spec)
        with assembled(Path(folder)) as workspace:
            content = self._describe(spec, names, details)
            self._write_artifacts(model, workspace, names, content)
            content |= self._check_target(workspace)
            content["parity"] = self._prove(model, spec, workspace, names, tracks)
            _write_text(workspace / manifest.MODEL_CARD, model_card.render(content))
            if "cmssw_cuts" in details:
                _write_text(workspace / manifest.CMSSW_CUTS, details["cmssw_cuts"])
            manifest.write_manifest(workspace, content)
        return manifest.read_bundle(folder)

    def _describe(
        self, spec: InputSpec, names: Names, details: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The manifest but for parity and files."""
        sizes = sorted(self._options.static_batches)
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        return {
            "created": now,
            "fingerprint": details.get("fingerprint"),
            "inputs": describe_inputs(spec, names),
            "outputs": {
                "frozen_graph": OUTPUT,
                "saved_model": names.score,
                "onnx": names.score,
                **{static_batches.artifact_of(size): names.score for size in sizes},
            },
            **({"static_batches": sizes} if sizes else {}),
            "onnx": {
                "opset": self._options.opset,
                "ir_version": self._options.ir_version,
            },
            "score": {
                "meaning": "probability p that the track is true",
                "shape": [-1, 1],
                "cmssw": "2p - 1",
            },
            "working_points": details.get("working_points", {}),
            "training": details.get("training", {}),
            "evaluation": details.get("evaluation", {}),
            "versions": _versions() | details.get("versions", {}),
        }

    def _write_artifacts(
        self, model: Any, folder: Path, names: Names, content: Mapping[str, Any]
    ) -> None:
        write_frozen_graph(model, folder / manifest.FROZEN_GRAPH, names)
        write_saved_model(model, folder / manifest.SAVED_MODEL, names)
        proto = onnx_graph.convert(
            model,
            names,
            opset=self._options.opset,
            ir_version=self._options.ir_version,
            metadata=_metadata(content),
        )
        onnx_graph.write_onnx(proto, folder / manifest.ONNX)
        sizes = self._options.static_batches
        if sizes:
            static_batches.write(model, folder, names, sizes, content["created"])

    def _runtimes(self, folder: Path, names: Names) -> dict[str, parity.Runtime]:
        """Every artifact, reloaded in the runtime that will serve it."""
        return {
            "frozen_graph": FrozenGraphSession(folder / manifest.FROZEN_GRAPH, names),
            "saved_model": SavedModelSignature(folder / manifest.SAVED_MODEL, names),
            "onnx": onnx_graph.OnnxSession(folder / manifest.ONNX, names),
            **static_batches.reload(folder, names, self._options.static_batches),
        }

    def _check_target(self, folder: Path) -> dict[str, Any]:
        """Refuse what cannot run at the target; two entries of the manifest."""
        target, artifacts = find_target(self._options.target), read_artifacts(folder)
        target_rules.require(artifacts, target)
        return {"target": target.name, "targets": target_rules.satisfied(artifacts)}

    def _prove(
        self,
        model: Any,
        spec: InputSpec,
        folder: Path,
        names: Names,
        sample: parity.Probe | None,
    ) -> dict[str, Any]:
        """Compare every artifact with Keras; store the probe."""
        probe = parity.build_probe(spec, sample)
        reference = evaluate(model, probe.features, probe.category)
        runtimes = self._runtimes(folder, names)
        tolerance = self._options.tolerance
        artifacts = {
            name: parity.compare(
                runtime, probe, reference, tolerance=tolerance, name=name
            )
            for name, runtime in runtimes.items()
        }
        if sample is not None:
            scores = evaluate(model, sample.features, sample.category)
            for name, runtime in runtimes.items():
                rows = getattr(runtime, "most_rows", len(sample))
                some = parity.Probe(sample.features[:rows], sample.category[:rows])
                artifacts[name]["sample"] = parity.compare_sample(
                    runtime, some, scores[:rows], tolerance=tolerance, name=name
                )
        np.savez_compressed(
            folder / manifest.PROBE,
            features=probe.features,
            category=probe.category,
            score=reference,
        )
        return {"tolerance": tolerance, "artifacts": artifacts}


def _checked_details(details: Mapping[str, Any]) -> dict[str, Any]:
    for key, value in details.items():
        kind = _DETAILS.get(key)
        if kind is None or not isinstance(value, kind):
            wanted = {name: kind.__name__ for name, kind in _DETAILS.items()}
            raise ExportError(
                f"`details` must have entries of {wanted}. "
                f"Received: {key!r} ({type(value).__name__})"
            )
    return dict(details)


def _check_width(model: Any, spec: InputSpec) -> None:
    width = check_model(model)
    if width != spec.width:
        raise ConversionError(
            "`spec` must describe every input of the model. "
            f"Received: {spec.width} inputs for a model of {width}"
        )


def _checked_sample(
    sample: tuple[ArrayLike, ArrayLike] | None, spec: InputSpec
) -> parity.Probe | None:
    if sample is None:
        return None
    features = np.asarray(sample[0], np.float32)[:_MAX_SAMPLE]
    category = np.asarray(sample[1], np.float32).reshape(-1, 1)[:_MAX_SAMPLE]
    if features.shape != (len(category), spec.width):
        raise ExportError(
            f"`sample` must be features of shape (tracks, {spec.width}) and a category "
            f"per track. Received: shapes {features.shape} and {category.shape}"
        )
    return parity.Probe(features, category) if len(features) else None


def _versions() -> dict[str, str]:
    import tensorflow as tf

    versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        **versions,
    }


def _metadata(content: Mapping[str, Any]) -> dict[str, str]:
    """What travels inside the ONNX file, for whoever has only that."""
    inputs = content["inputs"]
    columns = inputs["features"]["columns"]
    return {
        "trackdnn.created": content["created"],
        "trackdnn.fingerprint": content["fingerprint"] or "",
        "trackdnn.features": json.dumps([column["name"] for column in columns]),
        "trackdnn.category": inputs["category"]["column"],
        "trackdnn.vocabulary": json.dumps(inputs["category"]["vocabulary"]),
        "trackdnn.score": content["score"]["meaning"],
    }


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
