"""The folder of a trained Voxel-Dynamics.

| file                  | what is in it                                              |
|-----------------------|------------------------------------------------------------|
| `cells.npz`           | `points` and `bins` of `Cells`                             |
| `counts.npz`          | the arrays and numbers of `Counts`                         |
| `voxel_dynamics.json` | format, settings of the counting, checksums; written last  |

Counts of other events with the same cells can be added, and what is made of the counts
is decided when they are loaded.
"""

from __future__ import annotations

import dataclasses
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from trackdnn.data.prepared.atomic import checksum, open_new, write_bytes
from trackdnn.errors import BadFileError
from trackdnn.graphs.voxel_dynamics.cells import Cells
from trackdnn.graphs.voxel_dynamics.counts import Counts
from trackdnn.settings.finding import VoxelDynamicsSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

MANIFEST = "voxel_dynamics.json"
CELLS = "cells.npz"
COUNTS = "counts.npz"
FORMAT = "trackdnn voxel-dynamics"
VERSION = 1
# Settings that say what is counted.
COUNTED = ("cells", "iterations", "sample", "truth", "fold", "bins")
_NUMBERS = ("cells", "events", "hits", "links", "pairs")
_CONTENT: dict[str, type] = {"settings": dict, "sha256": dict, "parts": list}
_CONTENT.update((name, int) for name in _NUMBERS)
# What a damaged npz file raises.
_DAMAGE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


def write_folder(
    folder: Path,
    settings: VoxelDynamicsSettings,
    cells: Cells,
    counts: Counts,
    *,
    parts: Sequence[str] = (),
    job: str | None = None,
) -> None:
    """Writes everything, the manifest last.

    Args:
        folder: An existing folder.
        settings: Those of the counting.
        cells: Where the cells are.
        counts: What was counted.
        parts: Checksums of the counts that were added up; those of `counts` if none.
        job: What tells the training from others.

    Raises:
        OutputError: If a file cannot be written.
    """
    write_cells(folder / CELLS, cells)
    write_counts(folder / COUNTS, counts)
    sums = {name: checksum(folder / name) for name in (CELLS, COUNTS)}
    content = {
        "format": FORMAT,
        "version": VERSION,
        "settings": settings.model_dump(mode="json"),
        "cells": len(cells),
        "events": counts.events,
        "hits": int(counts.hits.sum()),
        "links": len(counts.links),
        "pairs": int(counts.pairs.sum()),
        "parts": list(parts) or [sums[COUNTS]],
        "job": job,
        "sha256": sums,
    }
    write_bytes(folder / MANIFEST, (json.dumps(content, indent=2) + "\n").encode())


def read_folder(folder: Path, settings: VoxelDynamicsSettings) -> tuple[Cells, Counts]:
    """Cells and counts of a folder.

    Raises:
        BadFileError: If a file is missing or damaged, or was counted otherwise.
    """
    manifest = read_manifest(folder)
    stored = stored_settings(folder)
    for name in COUNTED:
        if getattr(stored, name) != getattr(settings, name):
            raise BadFileError(
                f"'{folder}' must be counted with finding.voxel_dynamics.{name}="
                f"{getattr(settings, name)}. Received: {getattr(stored, name)}. Change "
                "the setting, or train anew."
            )
    for name, digest in manifest["sha256"].items():
        path = folder / name
        if not path.is_file() or checksum(path) != digest:
            raise BadFileError(
                f"'{path}' must be the file that {MANIFEST} describes. Received: "
                f"{'another content' if path.is_file() else 'no file'}. Train anew, or "
                "copy the folder again."
            )
    return read_cells(folder / CELLS), read_counts(folder / COUNTS)


def stored_settings(folder: Path) -> VoxelDynamicsSettings:
    """The settings that a folder was trained with."""
    try:
        return VoxelDynamicsSettings(**read_manifest(folder)["settings"])
    except (ValidationError, TypeError) as error:
        raise _no_manifest(folder, "settings that are not ours") from error


def read_manifest(folder: Path) -> dict[str, Any]:
    """The checked manifest.

    Raises:
        BadFileError: If it is missing or not one of ours.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise _no_manifest(folder, "no such file")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _no_manifest(folder, "a file that cannot be read as JSON") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _no_manifest(folder, "a file of another kind")
    if content.get("version") != VERSION:
        raise _no_manifest(folder, f"version {content.get('version')}, not {VERSION}")
    if not all(isinstance(content.get(key), kind) for key, kind in _CONTENT.items()):
        raise _no_manifest(folder, "a file without settings, checksums or counts")
    return content


def write_cells(path: Path, cells: Cells) -> None:
    """Writes cells."""
    _write(path, dataclasses.asdict(cells))


def read_cells(path: Path) -> Cells:
    """Reads cells.

    Raises:
        BadFileError: If the file is missing or damaged.
    """
    found = read_arrays(path)
    try:
        return Cells(points=found["points"], bins=int(found["bins"]))
    except _DAMAGE as error:
        raise _damaged(path) from error


def write_counts(path: Path, counts: Counts, **more: Any) -> None:
    """Writes counts, and perhaps more arrays beside them."""
    _write(path, dataclasses.asdict(counts) | more)


def read_counts(path: Path) -> Counts:
    """Reads counts.

    Raises:
        BadFileError: If the file is missing or damaged.
    """
    found = read_arrays(path)
    try:
        return Counts(
            links=found["links"],
            pairs=found["pairs"],
            hits=found["hits"],
            events=int(found["events"]),
        )
    except _DAMAGE as error:
        raise _damaged(path) from error


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays of a file."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except _DAMAGE as error:
        raise _damaged(path) from error


def _write(path: Path, arrays: Mapping[str, Any]) -> None:
    with open_new(path) as stream:
        np.savez(stream, **arrays)


def _no_manifest(folder: Path, what: str) -> BadFileError:
    return BadFileError(
        f"'{folder / MANIFEST}' must describe a trained Voxel-Dynamics. Received: "
        f"{what}. Name a folder that train-voxdyn has finished."
    )


def _damaged(path: Path) -> BadFileError:
    what = "a damaged file" if path.is_file() else "no file"
    return BadFileError(
        f"'{path}' must be a file of train-voxdyn. Received: {what}. Train anew, or "
        "copy the folder again."
    )
