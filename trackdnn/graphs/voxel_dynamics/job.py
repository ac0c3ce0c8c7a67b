"""A training in a folder, which goes on where it was stopped.

While it counts, the folder holds `cells.npz` and `unfinished.npz`: the counts so far
and how many events they are of, in one file, so that both are of the same moment
whatever stops the process. Counts are whole numbers: stopped or not, the result is the
same.

A shard counts every n-th event. All shards place their cells by the first events of the
whole list, so they have the same cells, and their counts can be merged.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.data.prepared.atomic import write_errors
from trackdnn.data.prepared.locks import locked
from trackdnn.errors import BadFileError, InputError
from trackdnn.graphs.progress import watched
from trackdnn.graphs.voxel_dynamics import files
from trackdnn.graphs.voxel_dynamics.counts import added, count_event, no_counts
from trackdnn.graphs.voxel_dynamics.training import Counter, first_cells, with_truth

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trackdnn.events.event import Event
    from trackdnn.events.source import EventSource
    from trackdnn.events.views import View
    from trackdnn.graphs.voxel_dynamics.cells import Cells
    from trackdnn.settings.finding import VoxelDynamicsSettings

UNFINISHED = "unfinished.npz"
LOCK = ".lock"
# Seconds between two copies of the counts on disk.
EVERY = 20.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job:
    """What is counted: the same job goes on, another one does not.

    Args:
        settings: Of the counting.
        view: Which part of the events is seen, and which particles count.
        seed: Of all random numbers.
        shard: This one, from 1, and how many there are.
        cells: A folder whose cells are taken; `None` to place them.
    """

    settings: VoxelDynamicsSettings
    view: View
    seed: int = 1
    shard: tuple[int, int] = (1, 1)
    cells: Path | None = None

    def digest(self, sources: Sequence[EventSource]) -> str:
        """One text for the job with these events, SHA-256."""
        chosen = self.settings.model_dump(mode="json")
        places = [str(one.files[0].absolute()) for one in sources if one.files]
        content = {
            "settings": {name: chosen[name] for name in files.COUNTED},
            "view": self.view.settings.model_dump(mode="json"),
            "seed": self.seed,
            "shard": self.shard,
            "cells": None if self.cells is None else str(self.cells.absolute()),
            "events": [[source.name for source in sources], places],
        }
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def run_job(
    job: Job,
    sources: Sequence[EventSource],
    folder: Path,
    *,
    progress: bool,
    every: float = EVERY,
) -> None:
    """Counts the events of a job into a folder, or goes on with it.

    Args:
        job: What is counted.
        sources: All events, those of other shards too.
        folder: New or empty, or one where the same job was stopped or is done.
        progress: Whether to show a bar on a terminal.
        every: Seconds between two copies of the counts on disk.

    Raises:
        BadFileError: If an event cannot be read, or the folder holds something else.
        DatasetError: If another process works on the folder.
        InputError: If events have no truth, or no hit of a particle.
        OutputError: If a file cannot be written.
    """
    with write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / LOCK, folder, name="Folder"):
        _run(job, sources, folder, progress=progress, every=every)


def _run(
    job: Job,
    sources: Sequence[EventSource],
    folder: Path,
    *,
    progress: bool,
    every: float,
) -> None:
    digest = job.digest(sources)
    if _begun(folder, digest):
        if (folder / files.MANIFEST).is_file():
            (folder / UNFINISHED).unlink(missing_ok=True)
            return
    else:
        _begin(job, sources, folder, digest)
    cells = files.read_cells(folder / files.CELLS)
    state = folder / UNFINISHED
    done, counter = _done(state), Counter(files.read_counts(state))
    mine = sources[job.shard[0] - 1 :: job.shard[1]]
    saved = time.monotonic()
    bar = watched(
        (_seen(job.view, source) for source in mine[done:]),
        enabled=progress,
        what="counting pairs of hits",
        total=len(mine),
        done=done,
    )
    for event in bar:
        counter.add(count_event(event, cells, job.settings.truth))
        done += 1
        if time.monotonic() - saved >= every:
            files.write_counts(state, counter.total(), done=done, job=digest)
            saved = time.monotonic()
    files.write_folder(folder, job.settings, cells, counter.total(), job=digest)
    state.unlink()


def merge(folders: Sequence[Path], folder: Path) -> None:
    """The counts of several folders together, in a new one.

    Args:
        folders: Trained with the same cells on different events.
        folder: New or empty.

    Raises:
        BadFileError: If a folder is damaged, has other cells, or its events are already
            there.
    """
    first = files.stored_settings(folders[0])
    cells, _ = files.read_folder(folders[0], first)
    parts: dict[str, Path] = {}
    total = no_counts(len(cells))
    for one in folders:
        found, counts = files.read_folder(one, files.stored_settings(one))
        _check_same(one, found, folders[0], cells)
        for part in files.read_manifest(one)["parts"]:
            if part in parts:
                raise BadFileError(
                    f"'{one}' must hold counts of other events than '{parts[part]}'. "
                    "Received: the same counts. Name each shard once."
                )
            parts[part] = one
        total = added([total, counts])
    _check_empty(folder)
    files.write_folder(folder, first, cells, total, parts=list(parts))


def _check_same(folder: Path, found: Cells, first: Path, cells: Cells) -> None:
    settings, expected = files.stored_settings(folder), files.stored_settings(first)
    same = found.bins == cells.bins and np.array_equal(found.points, cells.points)
    if not same or settings.truth != expected.truth:
        what = "other cells" if not same else f"truth={settings.truth}"
        raise BadFileError(
            f"'{folder}' must be counted with the cells and the truth of '{first}'. "
            f"Received: {what}. Train shards of one command with --shard, or with "
            "--cells."
        )


def _begun(folder: Path, digest: str) -> bool:
    """Whether the job has begun in the folder, or is done there."""
    state = folder / UNFINISHED
    if (folder / files.MANIFEST).is_file():
        found = files.read_manifest(folder).get("job")
    elif state.is_file():
        found = str(files.read_arrays(state).get("job"))
    else:
        return False
    if found != digest:
        raise BadFileError(
            f"'{folder}' must be new, or of the same training. Received: a training of "
            "other events, settings or another shard. Name another folder."
        )
    return True


def _begin(job: Job, sources: Sequence[EventSource], folder: Path, digest: str) -> None:
    _check_empty(folder)
    if job.cells is None:
        events = (_seen(job.view, source) for source in sources)
        cells, _ = first_cells(job.settings, events, job.seed)
    else:
        cells = files.read_cells(job.cells / files.CELLS)
        _check_cells(job.cells, cells, job.settings)
    files.write_cells(folder / files.CELLS, cells)
    none = no_counts(len(cells))
    files.write_counts(folder / UNFINISHED, none, done=0, job=digest)


def _check_cells(folder: Path, cells: Cells, settings: VoxelDynamicsSettings) -> None:
    bins = settings.bins if settings.fold else 1
    if (cells.points.shape[1] == 2) != settings.fold or cells.bins != bins:
        raise InputError(
            f"Cells of '{folder}' must be made with finding.voxel_dynamics.fold="
            f"{settings.fold} and bins={bins}. Received: "
            f"fold={cells.points.shape[1] == 2} and bins={cells.bins}. Change the "
            "settings, or leave --cells out."
        )


def _check_empty(folder: Path) -> None:
    with write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # Cells alone are what is left of a job that was stopped at its very start.
        names = {path.name for path in folder.iterdir()} - {files.CELLS, LOCK}
    if names:
        raise BadFileError(
            f"'{folder}' must be a new or empty folder. Received: one with "
            f"{len(names)} files, such as '{min(names)}'. Name another one."
        )


def _seen(view: View, source: EventSource) -> Event:
    return view.targets(with_truth(view.apply(source.load())))


def _done(state: Path) -> int:
    return int(files.read_arrays(state)["done"])
