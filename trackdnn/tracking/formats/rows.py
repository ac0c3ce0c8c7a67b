"""From rows that say which hit is on which track, to tracks of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.tracking.found import FoundTracks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.columns_of_csv import Table
    from trackdnn.events.event import Event


def tracks_of_rows(
    table: Table, event: Event, rows: NDArray[np.int64] | None = None
) -> FoundTracks:
    """The tracks of a table with the columns `track_id` and `hit_id`.

    Rows with a negative `track_id` are hits on no track. Tracks are in the order of
    their ids, hits in the order of the file.

    Args:
        table: Its rows; a hit may be on several tracks.
        event: Whose hits they are.
        rows: Those of the event; all by default.

    Raises:
        BadFileError: If a hit is not in the event.
    """
    rows = np.arange(len(table)) if rows is None else rows
    hit, known = rows_of_hits(table["hit_id"][rows], event)
    good = np.ones(len(table), dtype=bool)
    good[rows] = known
    table.require(
        "hit_id",
        good,
        f"hold hits of {event.name}",
        "Are the tracks those of another event, or of another version of it?",
    )
    some = table["track_id"][rows] >= 0
    _, track, lengths = np.unique(
        table["track_id"][rows][some], return_inverse=True, return_counts=True
    )
    order = np.argsort(track, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return FoundTracks(hits=hit[some][order].astype(np.int32), offsets=offsets)


def rows_of_hits(
    hit_id: NDArray[np.int64], event: Event
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Row of each hit in the event, and whether the event has it at all.

    Args:
        hit_id: Names of hits, of shape `(rows,)`.
        event: The event.

    Returns:
        Rows, without meaning for hits that are not known, and the known ones.
    """
    names = event.hits.hit_id
    if not len(names):
        return np.zeros(len(hit_id), np.int64), np.zeros(len(hit_id), bool)
    order = np.argsort(names, kind="stable")
    place = np.searchsorted(names, hit_id, sorter=order)
    row = order[np.minimum(place, len(names) - 1)]
    return row, np.asarray(names[row] == hit_id)


def require_once(table: Table, group: str, advice: str) -> None:
    """Refuses a table with the same hit twice in a group, such as `track_id`.

    Raises:
        BadFileError: At the second row of the hit.
    """
    order = np.lexsort((table["hit_id"], table[group]))
    once = np.ones(len(table), dtype=bool)
    once[order[1:]] = np.diff(table["hit_id"][order]) != 0
    once[order[1:]] |= np.diff(table[group][order]) != 0
    table.require("hit_id", once, f"have a hit once per {group}", advice)
