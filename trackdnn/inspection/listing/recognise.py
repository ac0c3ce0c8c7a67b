"""Looks at a path and tells which of our files it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from export.manifest import FORMAT as BUNDLE_FORMAT
from export.manifest import FROZEN_GRAPH, MANIFEST, ONNX
from trackdnn.errors import BadFileError, nearest
from trackdnn.events.store.manifest import is_store
from trackdnn.inspection.listing.checkpoints import (
    is_checkpoint,
    list_checkpoint,
    list_checkpoints,
)
from trackdnn.inspection.listing.finding_entries import list_finding
from trackdnn.inspection.listing.other_entries import (
    is_settings_file,
    list_bundle,
    list_dataset,
    list_root_file,
    list_settings,
)
from trackdnn.inspection.listing.run_entry import list_run, list_runs
from trackdnn.inspection.listing.runs import is_run
from trackdnn.inspection.listing.store_entry import list_store
from trackdnn.training import run
from trackdnn.training.checkpoints.manifest import FACTS
from trackdnn.training.history import CSV, JSONL

if TYPE_CHECKING:
    from trackdnn.inspection.listing.entry import Entry

_KNOWN = (
    "a run, a folder of runs, a checkpoint, a prepared dataset, an event store, a "
    "folder of events, a finder, a constructor, a bundle, a settings file or a ROOT "
    "file"
)
# Files that speak for the folder they are in.
_SPOKESMEN = (MANIFEST, FACTS, run.MANIFEST, run.SUMMARY, run.SPEC, CSV, JSONL)


def list_path(path: Path) -> Entry:
    """Explains one of our files or folders.

    Args:
        path: What to look at.

    Returns:
        What it is; what is damaged in it is listed there and raises nothing.

    Raises:
        BadFileError: If there is nothing at `path`, nothing of ours, or nothing that
            we may read.
    """
    try:
        return _list(path)
    except OSError as error:
        raise BadFileError(
            f"A path to list must be readable. Received: {path} ({error.strerror}). "
            "Check its permissions."
        ) from error


def _list(path: Path) -> Entry:
    if not path.exists():
        known = [item.name for item in path.parent.glob("*")]
        raise BadFileError(
            f"A path to list must exist. Received: {path}.{nearest(path.name, known)}"
        )
    found = _list_folder(path) if path.is_dir() else _list_file(path)
    if found is None:
        what = "a folder that holds none of them" if path.is_dir() else "something else"
        raise BadFileError(f"A path to list must be {_KNOWN}. Received: {path}, {what}")
    return found


def _list_file(path: Path) -> Entry | None:
    if path.suffix == ".root":
        return list_root_file(path)
    if is_settings_file(path):
        return list_settings(path)
    return _list_folder(path.parent) if path.name in _SPOKESMEN else None


def _list_folder(folder: Path) -> Entry | None:
    if is_run(folder):
        return list_run(folder)
    if is_checkpoint(folder):
        return list_checkpoint(folder)
    if _is_bundle(folder):
        return list_bundle(folder)
    if _is_dataset(folder):
        return list_dataset(folder)
    if is_store(folder):
        return list_store(folder)
    below = sorted(path for path in folder.iterdir() if path.is_dir())
    below = [path for path in below if not path.name.startswith(".")]
    if runs := [path for path in below if is_run(path)]:
        return list_runs(folder, runs)
    if any(is_checkpoint(path) for path in below):
        return list_checkpoints(folder)
    return list_finding(folder)


def _is_bundle(folder: Path) -> bool:
    try:
        content = json.loads((folder / MANIFEST).read_text("utf-8"))
        if isinstance(content, dict) and content.get("format") == BUNDLE_FORMAT:
            return True
    except (OSError, ValueError, RecursionError):
        pass
    # Where the manifest is damaged, its neighbours tell.
    return any((folder / name).is_file() for name in (FROZEN_GRAPH, ONNX))


def _is_dataset(folder: Path) -> bool:
    from trackdnn.data.prepared.folder import is_begun

    return is_begun(folder)
