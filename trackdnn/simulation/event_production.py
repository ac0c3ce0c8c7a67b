"""Making a folder of simulated events: arguments, what is there already, order.

Importing this module needs none of the optional packages.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from trackdnn.data.prepared.atomic import write_bytes, write_errors
from trackdnn.data.prepared.locks import locked
from trackdnn.errors import BadFileError, SettingsError
from trackdnn.events.trackml import trackml_names
from trackdnn.events.writer import write_columns
from trackdnn.simulation import production, worker
from trackdnn.simulation.event_worker import EventJob, Sample, Summary
from trackdnn.simulation.pool import make_blocks

MANIFEST = "simulation.json"
CKF = "ckf.json"
DETECTORS = "detectors.csv"
LOCK = ".lock"
_FORMAT = 1
# The numbers of the interactions must have room in the ids of the particles.
_MOST_MU = 1500.0
_MOST_NOISE = 0.9
# Their numbers are held in memory, and have nine digits in names of files.
_MOST_EVENTS = 1_000_000
_MOST_NUMBER = 999_999_999


@dataclasses.dataclass(frozen=True)
class EventProduction:
    """What a folder holds.

    Attributes:
        folder: The folder.
        events: Counts of the events that were asked for, by number.
        made: How many of them were made now; the others were there.
        seconds: Wall time, s.
    """

    folder: Path
    events: list[Summary]
    made: int
    seconds: float


def simulate_events(
    folder: Path,
    sample: Sample,
    *,
    events: int,
    first: int = 1,
    workers: int = 1,
    progress: bool = True,
) -> EventProduction:
    """Simulate events and write them as those of the TrackML challenge.

    An event depends on the sample and on its number only. Events that are in the
    folder already are kept, so the same call goes on where it stopped, and one with
    more events adds to the folder. Workers are spawned: call it from a file with the
    usual `if __name__ == "__main__":`.

    Args:
        folder: Made if missing.
        sample: What to make.
        events: Number of events, at least 1.
        first: Number of the first of them, at least 1: events of several folders need
            names of their own to be put together.
        workers: Number of processes, at least 1.
        progress: Whether to show a bar, if stderr is a terminal.

    Returns:
        What the folder holds.

    Raises:
        SettingsError: If an argument is impossible, or not that of the events which
            are there.
        MissingExtraError: If the optional packages are not installed.
        BadFileError: If the folder holds something else.
        DatasetError: If another job works on the folder.
        OutputError: If a file cannot be written.
        SimulationError: If a worker process fails.
    """
    folder = Path(folder)
    check_sample(sample, events, workers)
    _check_first(first, events)
    _check_folder(folder)
    with locked(folder / LOCK, folder, name="Folder"):
        ledger = Ledger.open(folder, sample, first)
        wanted = range(first, first + events)
        return _simulate(folder, ledger, sample, wanted, workers, progress)


def _simulate(
    folder: Path,
    ledger: Ledger,
    sample: Sample,
    wanted: range,
    workers: int,
    progress: bool,
) -> EventProduction:
    production.check_packages()
    start = time.perf_counter()
    _write_detectors(folder, sample)
    numbers = tuple(number for number in wanted if number not in ledger.events)
    if numbers:
        job = EventJob(folder, sample, numbers)
        with closing(make_blocks(job, len(numbers), workers, progress)) as blocks:
            for block in blocks:
                ledger.add(block.events)
    return EventProduction(
        folder=folder,
        events=[ledger.events[number] for number in wanted],
        made=len(numbers),
        seconds=time.perf_counter() - start,
    )


def check_sample(sample: Sample, events: int, workers: int) -> None:
    """Raise `SettingsError` for an impossible argument."""
    job = worker.Job(sample.process, sample.mu, sample.seed, "default")
    production.check_job(job, events, workers)
    if events > _MOST_EVENTS:
        raise SettingsError(
            f"`events` must be at most {_MOST_EVENTS}. Received: events={events}. Make "
            "several folders, each with a seed of its own."
        )
    response = sample.response
    limits = (
        ("mu", sample.mu, _MOST_MU),
        ("noise", response.noise, _MOST_NOISE),
        ("hit_loss", response.hit_loss, 1.0),
    )
    for name, value, most in limits:
        if not (math.isfinite(value) and 0 <= value <= most):
            raise SettingsError(
                f"`{name}` must be from 0 to {most:g}. Received: {name}={value}"
            )


def _check_first(first: int, events: int) -> None:
    if first < 1 or first + events - 1 > _MOST_NUMBER:
        raise SettingsError(
            "`first` must be at least 1, and events have numbers of at most "
            f"{_MOST_NUMBER}. Received: first={first}, events={events}"
        )


class Ledger:
    """The manifest of a folder: with which settings, and which events are whole.

    Args:
        folder: The folder.
        sample: What its events are.
        first: Number of the first of them.
        events: Counts of those that are there, by number.
    """

    def __init__(
        self, folder: Path, sample: Sample, first: int, events: dict[int, Summary]
    ) -> None:
        self._folder = folder
        self._sample = sample
        self._first = first
        self.events = events

    @classmethod
    def open(cls, folder: Path, sample: Sample, first: int = 1) -> Ledger:
        """Read the manifest, or begin one.

        Raises:
            SettingsError: If the events there were made with other settings.
            BadFileError: If it is damaged, or there are events without it.
            OutputError: If the folder cannot be written.
        """
        _check_folder(folder)
        path = folder / MANIFEST
        if path.exists():
            return cls(folder, sample, first, _read_manifest(path, sample, first))
        with write_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        if others := trackml_names(folder):
            raise BadFileError(
                f"'{folder}' must be empty or hold events of this command. Received: "
                f"'{others[0]}' and no '{MANIFEST}'. Name another folder."
            )
        ledger = cls(folder, sample, first, {})
        ledger.add([])
        return ledger

    def add(self, events: list[Summary]) -> None:
        """Note events whose files are all on disk."""
        self.events.update({one.number: one for one in events})
        known = [self.events[number] for number in sorted(self.events)]
        content = {
            "format": _FORMAT,
            "settings": _settings(self._sample, self._first),
            "versions": _versions(),
            "events": [dataclasses.asdict(one) for one in known],
        }
        if self._sample.ckf and known:
            _write_json(self._folder / CKF, _price(known))
        _write_json(self._folder / MANIFEST, content)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    write_bytes(path, (json.dumps(content, indent=2) + "\n").encode())


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise BadFileError(f"`output` must be a folder. Received: output={folder}")
    if folder.is_dir() and not os.access(folder, os.W_OK):
        raise BadFileError(f"`output` must be writable. Received: output={folder}")


def _settings(sample: Sample, first: int) -> dict[str, Any]:
    """The sample and its first number as a flat table."""
    plain = dataclasses.asdict(sample)
    response: dict[str, Any] = plain.pop("response")
    return plain | response | {"first": first}


def _read_manifest(path: Path, sample: Sample, first: int) -> dict[int, Summary]:
    """Events of the folder that are whole."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        there, rows = {"first": 1} | dict(content["settings"]), content["events"]
        known = {row["number"]: Summary(**row) for row in rows}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadFileError(
            f"'{path}' must be the manifest of simulated events. Received: "
            f"{type(error).__name__}: {error}. Name another folder."
        ) from error
    wanted = _settings(sample, first)
    for name, value in wanted.items():
        if there.get(name) != value:
            raise SettingsError(
                f"`{name}` must be that of the events in '{path.parent}': "
                f"{there.get(name)}. Received: {name}={value}. Name another folder."
            )
    names = set(trackml_names(path.parent))
    return {n: one for n, one in known.items() if f"event{n:09d}" in names}


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("pyacts", "pythia8mc", "numpy")}


def _price(events: list[Summary]) -> dict[str, Any]:
    """What ACTS' track finding costs, per event and on average."""
    seconds = [one.ckf_seconds or 0.0 for one in events]
    return {
        "finder": "ACTS: seeding, combinatorial Kalman filter, ambiguity resolution",
        "cpu_seconds_per_event": sum(seconds) / len(seconds),
        "events": {
            f"event{one.number:09d}": {
                "cpu_seconds": one.ckf_seconds,
                "tracks": one.tracks,
                "tracks_before_ambiguity_resolution": one.tracks_before,
            }
            for one in events
        },
    }


def _write_detectors(folder: Path, sample: Sample) -> None:
    """The table of modules, once."""
    path = folder / (f"{DETECTORS}.gz" if sample.compress else DETECTORS)
    if not path.exists():
        from trackdnn.simulation.modules import read_modules

        write_columns(path, read_modules().table())
