"""`display`: an event as a page for the browser, or as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.commands import console
from trackdnn.errors import InputError, nearest

if TYPE_CHECKING:
    from trackdnn.events.event import Event
    from trackdnn.events.source import EventSource
    from trackdnn.tracking.found import FoundTracks


def run(
    place: Path,
    tracks: str | None,
    output: Path | None,
    *,
    name: str | None,
    min_pt: float,
) -> None:
    """Write the display of an event, and say where it is."""
    from trackdnn.events.open import open_events
    from trackdnn.tracking.display.write import (
        check_output,
        default_path,
        write_display,
    )
    from trackdnn.tracking.pipeline.asking import check_file

    if output is not None:
        check_output(output, min_pt)
        check_file(output)
    sources = open_events([place])
    event = _choose(sources, name, place).load()
    found = None if tracks is None else _tracks(tracks, event)
    path = write_display(
        event, found, output or default_path(event.name), min_pt=min_pt
    )
    console.out().print(str(path), soft_wrap=True)
    console.say(_remarks(path, event, found, len(sources), name))


def _choose(sources: list[EventSource], name: str | None, place: Path) -> EventSource:
    if name is None:
        return sources[0]
    chosen = [source for source in sources if source.name == name]
    if not chosen:
        names = [source.name for source in sources]
        raise InputError(
            f"'{place}' must have the event. Received: --event {name}, and "
            f"{len(names)} events from {names[0]} to {names[-1]}."
            f"{nearest(name, names)}"
        )
    return chosen[0]


def _tracks(place: str, event: Event) -> FoundTracks:
    from trackdnn.tracking.formats.open import open_tracks

    return open_tracks(place, [event.name]).tracks(event)


def _remarks(
    path: Path, event: Event, found: FoundTracks | None, events: int, name: str | None
) -> list[str]:
    parts = [f"{len(event):,} hits"]
    if event.truth is None:
        parts.append("no truth")
    if found is not None:
        parts.append(f"{len(found):,} tracks")
    size = path.stat().st_size
    shown = f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB"
    remarks = [f"{event.name}: {', '.join(parts)}; {shown}"]
    if events > 1 and name is None:
        remarks.append(f"The first of {events} events; --event NAME shows another.")
    if path.suffix.lower() == ".html":
        remarks.append("Open it in a browser; it needs no network and no other file.")
    return remarks
