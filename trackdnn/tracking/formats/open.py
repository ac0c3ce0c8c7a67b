"""Tracks behind any name that a user gives: a file, a folder, a pattern.

| place                                   | tracks                                     |
|-----------------------------------------|--------------------------------------------|
| file with `event_id`                    | a TrackML submission, of all its events    |
| file with `track_id,hit_id`             | our own lists, of one event                |
| file with `Measurements_ID`             | tracks of ACTS, of one event               |
| folder, or a pattern `"DIR/*_ckf.csv"`  | one file per event, `<event>-tracks*.csv`  |
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from trackdnn.errors import BadFileError
from trackdnn.events.columns_of_csv import column_names
from trackdnn.tracking.formats import acts, lists, submission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackdnn.events.event import Event
    from trackdnn.tracking.found import FoundTracks

_MARKS = "*?["
_ENDINGS = (".csv", ".csv.gz")
_SHOWN = 5


class TrackSource(Protocol):
    """The tracks of some program, event by event."""

    def tracks(self, event: Event) -> FoundTracks:
        """The tracks of an event.

        Raises:
            BadFileError: If there are none of this event, or they are malformed.
        """


class TrackFiles:
    """One file of tracks per event.

    Args:
        place: What the user gave.
        paths: File of each event by its name.
    """

    def __init__(self, place: str, paths: dict[str, Path]) -> None:
        self._place = place
        self._paths = paths

    def tracks(self, event: Event) -> FoundTracks:
        """The tracks of an event; see `TrackSource`."""
        if event.name not in self._paths:
            raise BadFileError(
                f"'{self._place}' must have tracks of {event.name}. Received: no file "
                f"'{event.name}-tracks*.csv'. Of several files name the folder, or a "
                "pattern in quotes; if nothing was found, write a header alone."
            )
        return _read(self._paths[event.name], event)


def open_tracks(place: str, events: Sequence[str]) -> TrackSource:
    """Tracks of events; only submissions are read at once.

    Args:
        place: A file, a folder or a pattern.
        events: Names of the events whose tracks are asked for, at least one.

    Raises:
        BadFileError: If the place is missing or malformed, an event has no tracks or
            several files of them.
    """
    path = Path(place)
    if path.is_file():
        return _open_file(path, events)
    if path.is_dir():
        candidates = sorted(
            one for ending in _ENDINGS for one in path.glob(f"*{ending}")
        )
    elif any(mark in place for mark in _MARKS):
        candidates = sorted(path.parent.glob(path.name))
    else:
        raise BadFileError(
            f"'{place}' must be a file, a folder or a pattern of tracks. Received: "
            "nothing of that name. Check it."
        )
    return _open_many(place, candidates, events)


def _open_file(path: Path, events: Sequence[str]) -> TrackSource:
    if "event_id" in column_names(path):
        return submission.Submission(path)
    named = [name for name in events if _is_of(path, name)]
    if not named and len(events) == 1:
        named = list(events)
    if not named:
        raise BadFileError(
            f"'{path}' must be named after the event whose tracks it holds. Received: "
            f"{len(events)} events, {_some(events)}. Rename it, such as to "
            f"'{events[0]}-tracks.csv'."
        )
    return TrackFiles(str(path), dict.fromkeys(named, path))


def _open_many(
    place: str, candidates: Sequence[Path], events: Sequence[str]
) -> TrackSource:
    if len(candidates) == 1 and "event_id" in column_names(candidates[0]):
        return submission.Submission(candidates[0])
    paths = {}
    for name in events:
        mine = [path for path in candidates if _is_of(path, name)]
        if len(mine) > 1:
            shown = _some([path.name for path in mine])
            raise BadFileError(
                f"'{place}' must have one file of tracks per event. Received: {shown} "
                f"of {name}. Name those of one finder with a pattern in quotes, such as"
                f" '{mine[0].parent}/*{mine[0].name.removeprefix(name)}'."
            )
        if mine:
            paths[name] = mine[0]
    if not paths:
        raise BadFileError(
            f"'{place}' must hold tracks of the events. Received: no file such as "
            f"'{events[0]}-tracks.csv'. Tracks are matched to events by name."
        )
    return TrackFiles(place, paths)


def _is_of(path: Path, event: str) -> bool:
    """Whether a file is named as tracks of an event."""
    return path.name.startswith(f"{event}-tracks") and path.name.endswith(_ENDINGS)


def _read(path: Path, event: Event) -> FoundTracks:
    names = column_names(path)
    if "event_id" in names:
        return submission.Submission(path).tracks(event)
    if acts.is_acts(names):
        return acts.read_acts(path, event)
    return lists.read_lists(path, event)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
