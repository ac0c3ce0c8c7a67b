"""Tracks of ACTS: `event000000000-tracks_<name>.csv` of its `CsvTrackWriter`.

One row per track. The column `Measurements_ID` (`Hits_ID` in older versions) is a list
such as `"[560,518,803,]"` of measurements, which are the hits of the event that ACTS
wrote beside it. Nothing else in the row is looked at, what ACTS knows of truth neither.

Written against ACTS 48.1.0.
"""

from __future__ import annotations

import csv
import gzip
import re
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.errors import BadFileError
from trackdnn.events.columns_of_csv import column_names
from trackdnn.tracking.formats.rows import rows_of_hits
from trackdnn.tracking.found import from_lists

if TYPE_CHECKING:
    from pathlib import Path

    from trackdnn.events.event import Event
    from trackdnn.tracking.found import FoundTracks

LISTS = ("Measurements_ID", "Hits_ID")
_LIST = re.compile(r"\[\s*(\d+\s*(,\s*\d+\s*)*,?\s*)?\]")
# More digits are no number of a measurement, and no int64.
_DIGITS = 18


def is_acts(names: list[str]) -> bool:
    """Whether a header is one of ACTS' tracks."""
    return any(name in names for name in LISTS)


def read_acts(path: Path, event: Event) -> FoundTracks:
    """The tracks of an event; measurements have the names of its hits.

    Raises:
        BadFileError: If the file is missing, damaged or malformed, or has measurements
            that the event has not.
    """
    names = column_names(path)
    column = next((name for name in LISTS if name in names), None)
    if column is None:
        raise BadFileError(
            f"'{path}' must have a column '{LISTS[0]}'. Received: {', '.join(names)}. "
            "Write it with ACTS' CsvTrackWriter."
        )
    tracks = []
    for line, text in _texts(path, names.index(column), column):
        ids = _ids(path, line, column, text)
        tracks.append(_rows(path, line, column, ids, event))
    return from_lists(tracks)


def _texts(path: Path, column: int, name: str) -> list[tuple[int, str]]:
    """Line and text of the list of each track."""
    # That the file is there and whole was seen when its header was read.
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", errors="replace", newline="") as stream:
        reader = csv.reader(stream)
        try:
            next(reader)
            found = [(reader.line_num, row) for row in reader if row]
        except csv.Error as error:
            # A quote that is never closed takes all that follows for one list.
            raise BadFileError(
                f"'{path}' must be a CSV file. Received: {error}, before line "
                f"{reader.line_num + 1}. Is a quote not closed? Write the file again."
            ) from error
    for line, row in found:
        if len(row) <= column:
            raise BadFileError(
                f"Each line of '{path}' must have a column '{name}'. Received: "
                f"{len(row)} columns in line {line}. The file is truncated or damaged: "
                "write it again."
            )
    return [(line, row[column]) for line, row in found]


def _ids(path: Path, line: int, name: str, text: str) -> list[int]:
    words = re.findall(r"\d+", text)
    if not _LIST.fullmatch(text.strip()) or any(len(one) > _DIGITS for one in words):
        raise BadFileError(
            f"Column '{name}' of '{path}' must hold lists such as \"[3,1,]\". "
            f"Received: {text[:40]!a} in line {line}. Write the file again."
        )
    ids = [int(one) for one in words]
    if len(set(ids)) != len(ids):
        twice = next(one for one in ids if ids.count(one) > 1)
        raise BadFileError(
            f"Column '{name}' of '{path}' must have a measurement once per track. "
            f"Received: {twice} twice in line {line}. Take one of them out."
        )
    return ids


def _rows(path: Path, line: int, name: str, ids: list[int], event: Event) -> np.ndarray:
    wanted = np.array(ids, dtype=np.int64)
    rows, known = rows_of_hits(wanted, event)
    if not known.all():
        raise BadFileError(
            f"Column '{name}' of '{path}' must hold measurements of {event.name}. "
            f"Received: {wanted[~known][0]} in line {line}. ACTS numbers its "
            "measurements itself: give the folder with its '-measurements.csv' and "
            "'-measurement-simhit-map.csv' as the events."
        )
    return rows
