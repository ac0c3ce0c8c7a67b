"""Where everything lies in an event store.

Format 1, see docs/event_store.md. Each event has an uncompressed Arrow file of its
hits and, where truth is known, one of its particles.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath
from typing import Literal

KIND: Literal["trackdnn event store"] = "trackdnn event store"
FORMAT: Literal[1] = 1
HITS = "hits"
PARTICLES = "particles"
RECORDS = "records"
MANIFEST = "manifest.json"
# There from the first step of a preparation to its last: a manifest of what was kept.
UNFINISHED_MANIFEST = "unfinished.json"
LOCK = ".lock"
# What to do about damage. `prepare-events` mends files that are gone or of another
# size; it takes a file of the right size for the one it has written.
AGAIN = "Run `prepare-events` again."
ANEW = "Run `prepare-events` with --fresh."


def event_key(name: str) -> str:
    """Stem of the files of an event: its name, where that is good for a file."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", name)[:80].strip("._")
    if plain and plain == name:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{plain or 'event'}-{digest[:12]}"


def table_path(table: str, key: str) -> str:
    """The file of the hits or the particles of an event, below the store's folder."""
    return str(PurePosixPath(table, f"{key}.arrow"))


def record_path(key: str) -> str:
    """What is known of an event while the preparation lasts."""
    return str(PurePosixPath(RECORDS, f"{key}.json"))
