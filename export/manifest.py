"""The bundle on disk and its manifest.

A bundle is a folder that nothing outside it is needed to use:

    manifest.json     what the inputs are, what the score means, hash of every file
    frozen_graph.pb   GraphDef for TensorFlow sessions, such as CMSSW's
    saved_model/      SavedModel with one signature
    saved_model_static/, aot_config.yaml
                      the same with fixed batch sizes, where they were asked for
    model.onnx        ONNX
    probe.npz         inputs and scores to test another runtime with
    model_card.md     the same for people
    cmssw_cuts.py     working points as CMSSW reads them, when they are known

None of the three model formats notices a flipped bit, so `read_bundle` compares every
file with its SHA-256 first, by the code of `export.verify`, which stands alone. No
machine-learning library is imported.
"""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export import verify
from export.description import spec_of
from export.errors import BundleError
from export.signature import Names

if TYPE_CHECKING:
    from network.inputs import InputSpec

FORMAT = verify.FORMAT
SCHEMA_VERSION = max(verify.VERSIONS)

MANIFEST = verify.MANIFEST
FROZEN_GRAPH = "frozen_graph.pb"
SAVED_MODEL = "saved_model"
STATIC_SAVED_MODEL = "saved_model_static"
AOT_CONFIG = "aot_config.yaml"
ONNX = "model.onnx"
PROBE = "probe.npz"
MODEL_CARD = "model_card.md"
CMSSW_CUTS = "cmssw_cuts.py"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bundle:
    """A verified bundle.

    Args:
        folder: Where it is.
        manifest: Content of its manifest.
    """

    folder: Path
    manifest: dict[str, Any]

    @property
    def frozen_graph(self) -> Path:
        """The `.pb` file."""
        return self.folder / FROZEN_GRAPH

    @property
    def saved_model(self) -> Path:
        """The SavedModel's folder."""
        return self.folder / SAVED_MODEL

    @property
    def static_batches(self) -> tuple[int, ...]:
        """Batch sizes of the signatures in `static_saved_model`, often none."""
        return tuple(self.manifest.get("static_batches", ()))

    @property
    def static_saved_model(self) -> Path:
        """The SavedModel's folder for fixed batch sizes, if there are any."""
        return self.folder / STATIC_SAVED_MODEL

    @property
    def onnx(self) -> Path:
        """The `.onnx` file."""
        return self.folder / ONNX

    @property
    def probe(self) -> Path:
        """The `.npz` file with inputs and the scores that Keras gives them."""
        return self.folder / PROBE

    @property
    def names(self) -> Names:
        """Names of the tensors."""
        inputs, outputs = self.manifest["inputs"], self.manifest["outputs"]
        return Names(
            inputs["features"]["name"], inputs["category"]["name"], outputs["onnx"]
        )

    @property
    def spec(self) -> InputSpec:
        """Names, transforms and ranges of the inputs."""
        return spec_of(self.manifest["inputs"])


def fingerprint_files(folder: Path) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of every file below `folder`, keyed by relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": verify.sha256(path),
        }
        for path in files
    }


def write_manifest(folder: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Complete `content` with format, files and digest, and write it, synced to disk.

    Args:
        folder: A folder that holds every other file of the bundle.
        content: The rest of the manifest.

    Returns:
        The manifest as written.

    Raises:
        BundleError: If `content` holds something that JSON cannot, such as NaN.
    """
    manifest = {"format": FORMAT, "schema_version": SCHEMA_VERSION, **content}
    manifest["files"] = fingerprint_files(folder)
    try:
        manifest["digest"] = verify.digest(manifest)
        text = verify.canonical(manifest)
    except (TypeError, ValueError) as error:
        raise BundleError(
            f"A manifest must hold plain finite values only. Received: {error}"
        ) from error
    path = folder / MANIFEST
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    # Tuples become lists on the way through JSON.
    written: dict[str, Any] = json.loads(text)
    return written


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a bundle, itself verified; the other files are not looked at.

    Raises:
        BundleError: If it is missing, damaged, or of an unknown schema.
    """
    try:
        return verify.read_manifest(folder)
    except verify.RefusedError as error:
        raise BundleError(str(error)) from None


def read_bundle(folder: str | Path) -> Bundle:
    """A bundle, after every file was compared with its hash.

    Args:
        folder: The bundle's folder.

    Returns:
        The bundle.

    Raises:
        BundleError: If something is missing, damaged, added, or not ours.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise BundleError(f"A bundle must be a folder. Received: {folder}")
    manifest = read_manifest(folder)
    try:
        verify.check_files(folder, manifest)
        # TensorFlow prefers some files over those of the manifest, if they exist.
        for below in (SAVED_MODEL, STATIC_SAVED_MODEL):
            if (folder / below).exists():
                verify.check_strangers(folder, manifest, below=below)
    except verify.RefusedError as error:
        raise BundleError(str(error)) from None
    except OSError as error:
        raise BundleError(f"{folder} must be readable. Received: {error}") from error
    return Bundle(folder=folder, manifest=manifest)
