"""Events behind any name that a user gives: folders, files, stems and stores.

| place                                       | events                                 |
|---------------------------------------------|----------------------------------------|
| folder of an event store                    | all of the store                       |
| folder with `*-hits.csv` of TrackML         | all of the folder, sorted by name      |
| folder with `*-measurements.csv` of ACTS    | all of the folder, sorted by name      |
| `event000001000-hits.csv.gz`                | that one                               |
| `event000001000`, a stem                    | that one                               |

Where an event has `-measurements.csv`, its `-hits.csv` are the simulated hits of ACTS.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.errors import BadFileError, nearest
from trackdnn.events import acts_csv, trackml
from trackdnn.events.places import one_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackdnn.events.source import EventSource

_EXPECTED = (
    "a folder of TrackML or ACTS CSV files, a '-hits.csv' or '-hits.csv.gz' file, what "
    "the names of such files begin with, or an event store"
)
_SHOWN = 5


def open_events(
    places: Iterable[Path | str], *, detectors: Path | None = None
) -> list[EventSource]:
    """Sources of the events in some places; nothing is read yet.

    Args:
        places: What the user named; the events come in this order.
        detectors: The modules of the detector, for events from CSV files; `None` looks
            beside the files and one folder above. Stores have no use for it.

    Raises:
        BadFileError: If there are no events in a place.
    """
    return [
        source for place in places for source in _open_place(Path(place), detectors)
    ]


def _open_place(place: Path, detectors: Path | None) -> list[EventSource]:
    try:
        if place.is_dir():
            return _open_folder(place, detectors)
        if place.exists():
            return [_open_file(place, detectors)]
        return [_open_stem(place, detectors)]
    except OSError as error:
        raise BadFileError(
            f"'{place}' must be a place that can be read. Received: "
            f"{error.strerror or type(error).__name__}. Check its permissions."
        ) from error


def _open_folder(folder: Path, detectors: Path | None) -> list[EventSource]:
    # A store needs pydantic and more, which single files do not.
    from trackdnn.events.store.manifest import is_store
    from trackdnn.events.store.store import open_store

    if is_store(folder):
        return list(open_store(folder).sources())
    names = event_names(folder)
    if not names:
        raise BadFileError(
            f"'{folder}' must hold events. Received: {_content(folder)}. Expected "
            f"{_EXPECTED}."
        )
    return [_event(folder, name, detectors) for name in names]


def _open_file(path: Path, detectors: Path | None) -> EventSource:
    name = acts_csv.event_name(path.name) or trackml.event_name(path.name)
    if name is None:
        raise BadFileError(
            f"'{path}' must be the hits of an event. Received: a file of another name. "
            f"Expected {_EXPECTED}."
        )
    return _event(path.parent, name, detectors)


def _open_stem(place: Path, detectors: Path | None) -> EventSource:
    folder = place.parent
    if not folder.is_dir():
        raise BadFileError(
            f"'{place}' must be a place of events. Received: no folder '{folder}'. "
            f"Expected {_EXPECTED}."
        )
    names = event_names(folder)
    if place.name in names:
        return _event(folder, place.name, detectors)
    alike = [name for name in names if name.endswith(place.name)]
    alike = alike or [name for name in names if name.startswith(place.name)]
    if len(alike) > 1:
        raise BadFileError(
            f"'{place}' must name one event. Received: {len(alike)} that match, "
            f"{_list(alike)}. Give the whole name of one, or the folder for all."
        )
    others = [path.name for path in folder.iterdir()]
    raise BadFileError(
        f"'{place}' must be there. Received: no such file, folder or event."
        f"{nearest(place.name, alike or [*names, *others])} Expected {_EXPECTED}."
    )


def event_names(folder: Path) -> list[str]:
    """Names of the events whose CSV files are in a folder, sorted."""
    return sorted({*trackml.trackml_names(folder), *acts_csv.acts_names(folder)})


def _event(folder: Path, name: str, detectors: Path | None) -> EventSource:
    if any(sign < " " or sign == "\x7f" for sign in name):
        raise BadFileError(
            "The name of an event must have no line breaks or control characters. "
            f"Received: {name!r} in '{folder}'. Rename its files."
        )
    # A look for each event at all files of a folder would take minutes for thousands.
    if one_of(folder, f"{name}-measurements") is not None:
        return acts_csv.acts_event(folder, name, detectors=detectors)
    return trackml.trackml_event(folder, name, detectors=detectors)


def _content(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir())
    return f"{len(names)} other files, {_list(names)}" if names else "an empty folder"


def _list(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
