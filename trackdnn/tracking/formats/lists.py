"""Our own files of tracks: `<event>-tracks*.csv`, one row per hit on a track.

| column     | meaning                                              |
|------------|------------------------------------------------------|
| `track_id` | int64; tracks are what has the same id, from 0        |
| `hit_id`   | int64; a hit may be on several tracks, once on each   |

Rows are in the order along the track where the finder knows it. A file with a header
alone says that nothing was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.events.columns_of_csv import read_table
from trackdnn.tracking.formats.rows import require_once, tracks_of_rows

if TYPE_CHECKING:
    from pathlib import Path

    from trackdnn.events.event import Event
    from trackdnn.tracking.found import FoundTracks

COLUMNS = {"track_id": "int64", "hit_id": "int64"}


def read_lists(path: Path, event: Event) -> FoundTracks:
    """The tracks of an event.

    Raises:
        BadFileError: If the file is missing, damaged or malformed, or has hits that the
            event has not.
    """
    table = read_table(path, COLUMNS)
    advice = "Take the row out, or give the other track an id of its own."
    require_once(table, "track_id", advice)
    return tracks_of_rows(table, event)


def write_lists(path: Path, event: Event, found: FoundTracks) -> None:
    """Writes the tracks of an event, such as to `event000000001-tracks.csv`.

    Raises:
        OutputError: If it cannot be written; nothing is left then.
    """
    ids = event.hits.hit_id[found.hits].tolist()
    tracks = found.track_of_entry().tolist()
    rows = [f"{track},{hit}\n" for track, hit in zip(tracks, ids, strict=True)]
    write_bytes(path, ("track_id,hit_id\n" + "".join(rows)).encode())
