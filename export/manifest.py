"""The bundle on disk and its manifest.

A bundle is a folder that nothing outside it is needed to use:

    manifest.json     what the inputs are, what the score means, hash of every file
    frozen_graph.pb   GraphDef for TensorFlow sessions, such as CMSSW's
    saved_model/      SavedModel with one signature
    model.onnx        ONNX
    probe.npz         inputs and scores to test another runtime with
    model_card.md     the same for people
    cmssw_cuts.py     working points as CMSSW reads them, when they are known

None of the three model formats notices a flipped bit, so `read_bundle` compares every
file with its SHA-256 first. This module imports no machine-learning library.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from export.description import spec_of
from export.errors import BundleError
from export.signature import Names

if TYPE_CHECKING:
    from network.inputs import InputSpec

FORMAT = "trackdnn.bundle"
SCHEMA_VERSION = 1

MANIFEST = "manifest.json"
FROZEN_GRAPH = "frozen_graph.pb"
SAVED_MODEL = "saved_model"
ONNX = "model.onnx"
PROBE = "probe.npz"
MODEL_CARD = "model_card.md"
CMSSW_CUTS = "cmssw_cuts.py"

_REQUIRED = {
    "created": str,
    "inputs": dict,
    "outputs": dict,
    "score": dict,
    "working_points": dict,
    "training": dict,
    "evaluation": dict,
    "versions": dict,
    "parity": dict,
    "files": dict,
}


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
            "sha256": _sha256(path),
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
        manifest["digest"] = _digest(manifest)
        text = json.dumps(manifest, indent=2, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BundleError(
            f"A manifest must hold plain finite values only. Received: {error}"
        ) from error
    path = folder / MANIFEST
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text + "\n")
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
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(f"A bundle must hold a {MANIFEST}. Received: {folder}")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        raise BundleError(f"{path} must be readable JSON. Received: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BundleError(f"{path} must describe a bundle of trackdnn, and does not")
    if manifest.get("schema_version") != SCHEMA_VERSION:
        raise BundleError(
            f"{path} must have schema version {SCHEMA_VERSION}. Received: "
            f"schema_version={manifest.get('schema_version')!r}. "
            "Export again, or use the trackdnn version that wrote it"
        )
    for key, kind in _REQUIRED.items():
        if not isinstance(manifest.get(key), kind):
            raise BundleError(f"{path} must have an entry '{key}' ({kind.__name__})")
    if manifest.get("digest") != _digest(manifest):
        raise BundleError(
            f"{path} must be as it was written, and was changed since. Export again"
        )
    return manifest


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
    for name in (FROZEN_GRAPH, f"{SAVED_MODEL}/saved_model.pb", ONNX, PROBE):
        if name not in manifest["files"]:
            raise BundleError(f"{folder / MANIFEST} must list '{name}', and does not")
    for name, entry in manifest["files"].items():
        _check_file(folder, name, entry)
    listed = set(manifest["files"])
    for path in sorted((folder / SAVED_MODEL).rglob("*")):
        name = path.relative_to(folder).as_posix()
        # TensorFlow prefers some files over those of the manifest, if they exist.
        if path.is_file() and name not in listed:
            raise BundleError(f"{folder} must not hold '{name}', which is not its own")
    return Bundle(folder=folder, manifest=manifest)


def _check_file(folder: Path, name: str, entry: Any) -> None:
    pure = PurePosixPath(name)
    path = folder / pure
    if not isinstance(entry, dict) or not {"bytes", "sha256"} <= set(entry):
        raise BundleError(
            f"{folder / MANIFEST} must give size and SHA-256 of '{name}', and does not"
        )
    if pure.is_absolute() or ".." in pure.parts:
        raise BundleError(
            f"{folder / MANIFEST} must name files of the bundle only. "
            f"Received: {name!r}"
        )
    if path.is_symlink() or not path.is_file():
        raise BundleError(f"{folder} must hold '{name}', which is missing")
    if path.stat().st_size != entry["bytes"] or _sha256(path) != entry["sha256"]:
        raise BundleError(
            f"{path} must have the SHA-256 of the manifest, and has another. "
            "The file was damaged or changed; copy the bundle again or export again"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _digest(manifest: dict[str, Any]) -> str:
    """SHA-256 of the manifest without its digest, whatever its white space."""
    content = {key: value for key, value in manifest.items() if key != "digest"}
    text = json.dumps(content, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
