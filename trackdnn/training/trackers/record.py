"""Which run of a tracker a run folder belongs to, and how much of it is told.

`tracker.json` is written by the process that tells Weights & Biases, and by no other.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
from typing import TYPE_CHECKING

from trackdnn.data.prepared.atomic import write_bytes

if TYPE_CHECKING:
    from pathlib import Path

RECORD, LOG = "tracker.json", "tracker.log"
# What Weights & Biases write, and what is there while a process tells them.
WANDB, LOCK = "wandb", ".tracking"
FILES = (RECORD, LOG, WANDB, LOCK)


@dataclasses.dataclass(frozen=True)
class Record:
    """A run of a tracker.

    Args:
        tracker: Name of the tracker.
        id: What the run is called there.
        rows: Epochs that it was told of, over all stages.
    """

    tracker: str
    id: str
    rows: int = 0

    def write(self, folder: Path) -> None:
        """Puts the record into a run folder.

        Raises:
            OutputError: If it cannot be written.
        """
        content = json.dumps(dataclasses.asdict(self), indent=2)
        write_bytes(folder / RECORD, content.encode() + b"\n")


def read_record(folder: Path) -> Record | None:
    """The record of a run folder; `None` if there is none that can be read."""
    try:
        content = json.loads((folder / RECORD).read_text("utf-8"))
        return Record(
            str(content["tracker"]), str(content["id"]), int(content.get("rows", 0))
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def record_of(folder: Path, tracker: str, wanted: str | None = None) -> Record:
    """The record to go on with: that of the folder, or a new one, on disk then.

    Args:
        folder: The run folder.
        tracker: Name of the tracker.
        wanted: An id that somebody has chosen, or `None`.

    Raises:
        OutputError: If it cannot be written.
    """
    known = read_record(folder)
    if known and known.tracker == tracker and wanted in (None, known.id):
        return known
    new = Record(tracker, wanted or secrets.token_hex(4))
    new.write(folder)
    return new
