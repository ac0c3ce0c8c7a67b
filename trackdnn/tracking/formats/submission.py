"""Submissions to the TrackML challenge: `event_id,hit_id,track_id`, each hit once.

A track is what has the same `track_id` in one event. Hits with a negative one, and hits
without a row, are on no track; 0 is a track like any other, as in the score of the
challenge.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.errors import BadFileError
from trackdnn.events.columns_of_csv import read_table
from trackdnn.tracking.formats.rows import require_once, tracks_of_rows

if TYPE_CHECKING:
    from pathlib import Path

    from trackdnn.events.event import Event
    from trackdnn.tracking.found import FoundTracks

COLUMNS = {"event_id": "int64", "hit_id": "int64", "track_id": "int64"}
_NUMBER = re.compile(r"(\d+)$")


class Submission:
    """A submission, read once; its events one by one.

    Args:
        path: The file.

    Raises:
        BadFileError: If it is missing, damaged or malformed, or has a hit twice.
    """

    def __init__(self, path: Path) -> None:
        self._table = read_table(path, COLUMNS)
        require_once(self._table, "event_id", "Take one of its rows out.")

    def tracks(self, event: Event) -> FoundTracks:
        """The tracks of an event.

        Raises:
            BadFileError: If it has no rows, or hits that the event has not.
        """
        number = event_number(event.name)
        rows = np.flatnonzero(self._table["event_id"] == number)
        # Where there are no hits, there is nothing to write a row of.
        if number is None or (len(event) and not len(rows)):
            raise BadFileError(
                f"'{self._table.path}' must have tracks of {event.name}. Received: no "
                f"row with the event_id {number}. Add its hits, with track_id -1 if "
                "nothing was found, or leave the event out."
            )
        return tracks_of_rows(self._table, event, rows)


def event_number(name: str) -> int | None:
    """The number at the end of the name of an event: 1000 of `event000001000`."""
    found = _NUMBER.search(name)
    return int(found[1]) if found else None
