"""Found tracks as files: one submission in the format of TrackML per event."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.errors import InputError
from trackdnn.tracking.formats.submission import event_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trackdnn.events.event import Event
    from trackdnn.tracking.found import FoundTracks

# Event number that a submission can hold.
_LARGEST = 2**63 - 1


def write_tracks(folder: Path, event: Event, tracks: FoundTracks) -> Path:
    """Writes `<name>-tracks.csv`: the track of each hit, -1 for none.

    Args:
        folder: Is made if missing.
        event: The event.
        tracks: Its tracks.

    Returns:
        The file.

    Raises:
        OutputError: If it cannot be written.
    """
    number = event_number(event.name)
    labels = tracks.labels(len(event))
    lines = [
        f"{number},{hit},{track}\n"
        for hit, track in zip(event.hits.hit_id.tolist(), labels.tolist(), strict=True)
    ]
    path = folder / f"{event.name}-tracks.csv"
    write_bytes(path, "".join(["event_id,hit_id,track_id\n", *lines]).encode())
    return path


def check_names(names: Sequence[str]) -> None:
    """Refuses events whose tracks cannot have files of their own.

    Raises:
        InputError: If a name is there twice, or has no number at its end.
    """
    for name, times in Counter(names).items():
        if times > 1:
            raise InputError(
                "Events must have different names to write their tracks into one "
                f"folder. Received: '{name}' {times} times. Find them one by one."
            )
        number = event_number(name)
        if number is None or number > _LARGEST:
            raise InputError(
                "The name of an event must end with its number, of at most 64 bits, to "
                f"write its tracks. Received: '{name}'. Give its files another name, "
                "or write nothing."
            )
