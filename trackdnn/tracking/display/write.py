"""An event to a file that can be looked at."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.data.prepared.atomic import write_bytes, write_errors
from trackdnn.errors import InputError
from trackdnn.tracking.display.scene import make_scene

if TYPE_CHECKING:
    from trackdnn.events.event import Event
    from trackdnn.tracking.found import FoundTracks

ENDINGS = (".html", ".png", ".pdf")


def write_display(
    event: Event, tracks: FoundTracks | None, path: Path, *, min_pt: float = 0.0
) -> Path:
    """Writes the picture of an event; what kind, the ending of the file says.

    Args:
        event: The event, with truth where it is known.
        tracks: Its tracks, or `None` for hits and truth alone.
        path: `.html` for a page with everything to turn and to pick, `.png` or `.pdf`
            for a picture; its folder is made.
        min_pt: Particles and tracks below are hidden (GeV); the page can change it.

    Returns:
        `path`.

    Raises:
        InputError: If the ending is none of these, or the threshold is no momentum.
        OutputError: If the file cannot be written.
    """
    check_output(path, min_pt)
    scene = make_scene(event, tracks)
    if path.suffix.lower() == ".html":
        from trackdnn.tracking.display.page import page_of

        write_bytes(path, page_of(scene, min_pt).encode("utf-8"))
        return path
    from trackdnn.tracking.display.picture import draw_scene

    with write_errors(path):
        return draw_scene(scene, path, min_pt)


def check_output(path: Path, min_pt: float = 0.0) -> None:
    """Refuses what `write_display` could not write, before time is spent on it.

    Raises:
        InputError: If the ending says nothing, or the threshold is no momentum.
    """
    if path.suffix.lower() not in ENDINGS:
        raise InputError(
            f"The name of a display must end in {', '.join(ENDINGS[:-1])} or "
            f"{ENDINGS[-1]}. Received: '{path}'."
        )
    if not 0.0 <= min_pt < float("inf"):
        raise InputError(
            f"The lowest pT must be 0 or more, in GeV. Received: {min_pt}."
        )


def default_path(name: str) -> Path:
    """The page of an event in the current folder, by the event's name."""
    plain = re.sub(r"[^\w.+-]+", "_", name).strip(".") or "event"
    return Path(f"{plain[:150]}.html")
