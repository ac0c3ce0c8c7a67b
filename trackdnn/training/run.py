"""A run folder: everything that one training leaves, checked when it is read.

| file               | content                                        |
|--------------------|------------------------------------------------|
| settings.yaml      | the resolved settings                          |
| input_spec.json    | names, transforms and ranges of the inputs     |
| model.weights.h5   | weights of the best epoch                      |
| history.csv        | one row per epoch                              |
| summary.json       | counts, figures, versions                      |
| run.json           | SHA-256 of each of these; written last         |

Nothing is pickled: the network is built again from its settings, and takes its weights.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import warnings
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from network.inputs import InputSpec
from trackdnn.configuration import read_content, validate
from trackdnn.errors import DatasetError, RunError, SettingsError
from trackdnn.training.history import to_csv

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from trackdnn.data.dataset import Dataset
    from trackdnn.settings import Settings
    from trackdnn.training.history import Epoch

FORMAT, VERSION = "trackdnn run", 1
SETTINGS, SPEC, WEIGHTS = "settings.yaml", "input_spec.json", "model.weights.h5"
HISTORY, SUMMARY, MANIFEST = "history.csv", "summary.json", "run.json"
FILES = (SETTINGS, SPEC, WEIGHTS, HISTORY, SUMMARY)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """A trained network with everything that belongs to it.

    Args:
        folder: Where it lies.
        settings: The resolved settings it was trained with.
        spec: Names, transforms and ranges of its inputs.
        model: `keras.Model` with the weights of the best epoch.
        summary: Counts, figures and versions, as plain values.
    """

    folder: Path
    settings: Settings
    spec: InputSpec
    model: Any
    summary: dict[str, Any]


def check_new(folder: Path) -> None:
    """Makes sure that a run can be written to a folder.

    Raises:
        RunError: If a run lies there already, or a file of that name.
    """
    if (folder / MANIFEST).exists():
        raise RunError(
            f"A run must have a folder of its own. Received: {folder}, which holds a "
            "run. Choose another with --run-dir"
        )
    if folder.exists() and not folder.is_dir():
        raise RunError(f"A run needs a folder. Received: {folder}, which is a file")


def save_run(
    folder: Path,
    *,
    settings: Settings,
    spec: InputSpec,
    model: Any,
    history: Iterable[Epoch],
    summary: dict[str, Any],
) -> Run:
    """Writes a run, each file under a temporary name first, the manifest last.

    Args:
        folder: New or without a run; made if missing.
        settings: The resolved settings.
        spec: Inputs of the network.
        model: The trained network.
        history: Row of each epoch.
        summary: Plain values.

    Returns:
        The run.

    Raises:
        RunError: If the folder holds a run already.
    """
    check_new(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / SETTINGS, to_yaml(settings))
    write_text(folder / SPEC, spec.to_json() + "\n")
    write_weights(folder / WEIGHTS, model)
    write_text(folder / HISTORY, to_csv(history))
    write_text(folder / SUMMARY, json.dumps(summary, indent=2) + "\n")
    hashes = {name: _sha256(folder / name) for name in FILES}
    manifest = {"format": FORMAT, "version": VERSION, "sha256": hashes}
    write_text(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    return Run(
        folder=folder, settings=settings, spec=spec, model=model, summary=summary
    )


def check_run(folder: Path) -> None:
    """Makes sure that a run is complete and unchanged; needs no TensorFlow.

    Raises:
        RunError: If it is not; the message names the folder and the file.
    """
    hashes = _manifest(folder).get("sha256")
    if not isinstance(hashes, dict) or set(hashes) != set(FILES):
        raise RunError(
            f"{folder / MANIFEST} must name the files {', '.join(FILES)}. "
            f"Received: {hashes if hashes is None else sorted(hashes)}"
        )
    for name in FILES:
        path = folder / name
        if not path.is_file():
            raise RunError(f"The run {folder} is incomplete: {name} is missing")
        found = _sha256(path)
        if found != hashes[name]:
            raise RunError(
                f"{path} must be the file that was trained. Received: "
                f"sha256={found[:12]}… in place of {str(hashes[name])[:12]}…. "
                "Restore it, or train again"
            )


def load_run(folder: Path) -> Run:
    """Reads a run and builds its network.

    Args:
        folder: Folder that `save_run` wrote.

    Returns:
        The run.

    Raises:
        RunError: If it is incomplete, damaged, or not a run.
    """
    check_run(folder)
    # Here, so that a damaged run is told before TensorFlow has started.
    from network.builder import ModelBuilder
    from trackdnn.training.weights import check_weights

    try:
        content = _with_split_seed(read_content(folder / SETTINGS))
        settings = validate(content, source=str(folder / SETTINGS))
        spec = InputSpec.from_json((folder / SPEC).read_text("utf-8"))
        summary = json.loads((folder / SUMMARY).read_text("utf-8"))
        model = ModelBuilder(settings.model).build(spec)
    except (SettingsError, TypeError, ValueError, RecursionError) as error:
        raise RunError(
            f"The run {folder} was written by another version of trackdnn: {error}"
        ) from error
    check_weights(folder / WEIGHTS)
    try:
        with warnings.catch_warnings():
            # Keras warns where it leaves a layer with its fresh weights.
            warnings.simplefilter("error", UserWarning)
            model.load_weights(folder / WEIGHTS)
    except (OSError, ValueError, KeyError, UserWarning) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise RunError(
            f"{folder / WEIGHTS} must fit the network '{settings.model.architecture}'. "
            f"Received: {first}"
        ) from error
    return Run(
        folder=folder, settings=settings, spec=spec, model=model, summary=summary
    )


def check_dataset(run: Run, dataset: Dataset) -> None:
    """Makes sure that a run is judged by the dataset that it was trained on.

    Raises:
        DatasetError: If its tracks are others; a test event may have been trained on.
    """
    known, found = run.summary.get("dataset"), dataset.identity
    if known and found is not None and known.get("tracks") != found.tracks:
        raise DatasetError(
            f"'{found.folder}' must hold the tracks that {run.folder} was trained on. "
            f"Received: others (manifest {found.manifest[:12]}, at the training "
            f"{str(known.get('manifest'))[:12]}). Restore the dataset or the files it "
            "was made from, train again, or name ROOT files after the run"
        )


def _with_split_seed(content: dict[str, Any]) -> dict[str, Any]:
    """Settings of a run from before the split had a seed of its own."""
    data = dict(content.get("data") or {})
    split = dict(data.get("split") or {})
    if "seed" not in split and "seed" in content:
        split["seed"] = content["seed"]
    return {**content, "data": {**data, "split": split}}


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not folder.is_dir():
        raise RunError(f"A run must be a folder that exists. Received: {folder}")
    if not path.is_file():
        raise RunError(
            f"{folder} must hold a complete run. Received: a folder without "
            f"{MANIFEST}, which is written last"
        )
    try:
        content = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path} must be JSON. Received: {error}") from error
    known = isinstance(content, dict) and content.get("format") == FORMAT
    if not known or content.get("version") != VERSION:
        raise RunError(
            f"{path} must say format='{FORMAT}', version={VERSION}. "
            f"Received: {str(content)[:80]}"
        )
    return dict(content)


def to_yaml(settings: Settings) -> str:
    """The settings as a file that people can read and edit."""
    text = io.StringIO()
    YAML().dump(settings.to_dict(), text)
    return text.getvalue()


def write_text(path: Path, text: str) -> None:
    """Writes a file under a temporary name first."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    _publish(partial, path)


def write_weights(path: Path, model: Any) -> None:
    """Writes the weights of a network under a temporary name first."""
    # Keras insists on the ending.
    partial = path.with_name(f".partial.{path.name}")
    with warnings.catch_warnings():
        # Keras' variables meet NumPy 2's new `copy` argument; the values are right.
        warnings.filterwarnings("ignore", message="__array__ implementation")
        model.save_weights(partial)
    _publish(partial, path)


def _publish(partial: Path, path: Path) -> None:
    """Gives a complete file its name, once its content is on the disk."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
