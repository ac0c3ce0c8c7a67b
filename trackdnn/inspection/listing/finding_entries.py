"""Explains folders of track finding: event files, a finder, a constructor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackdnn.data.prepared.atomic import checksum
from trackdnn.errors import BadFileError
from trackdnn.inspection.listing.entry import Entry, size_text, total_bytes

if TYPE_CHECKING:
    from pathlib import Path

# Their modules take long to import, and are needed only where one of these is there.
FINDER = "finder.json"
CONSTRUCTOR = "constructor.json"


def list_finding(folder: Path) -> Entry | None:
    """What a folder of track finding holds, or `None` for any other folder."""
    if (folder / FINDER).is_file():
        return list_finder(folder)
    if (folder / CONSTRUCTOR).is_file():
        return list_constructor(folder)
    from trackdnn.events.open import event_names

    names = event_names(folder)
    return list_events(folder, names) if names else None


def list_finder(folder: Path) -> Entry:
    """Settings of a finder, after its files were compared with their checksums."""
    from trackdnn.tracking.pipeline.folder import read_description

    try:
        content = read_description(folder)
    except BadFileError as error:
        return Entry(kind="finder", path=folder, damaged=(str(error),))
    damaged = [
        f"'{folder / name}' must be as `train-finder` has written it"
        for name, expected in content["files"].items()
        if not _is_same(folder / name, expected)
    ]
    found = content.get("settings")
    settings: dict[str, Any] = found if isinstance(found, dict) else {}
    parts = dict.fromkeys(name.partition("/")[0] for name in content["files"])
    facts = {
        "state": "damaged" if damaged else "complete; all files have their SHA-256",
        "constructor": str(settings.get("constructor", "")),
        "builder": str(settings.get("builder", "")),
        "parts": ", ".join(parts),
        "size": size_text(total_bytes(folder)),
    }
    return Entry(
        kind="finder",
        path=folder,
        facts={name: text for name, text in facts.items() if text},
        content={"finder": content},
        damaged=tuple(damaged),
    )


def list_constructor(folder: Path) -> Entry:
    """The kind of a constructor, after it was loaded."""
    from trackdnn.graphs.saving import load_constructor

    try:
        kind, _ = load_constructor(folder)
    except BadFileError as error:
        return Entry(kind="constructor", path=folder, damaged=(str(error),))
    facts = {"kind": kind, "size": size_text(total_bytes(folder))}
    return Entry(
        kind="constructor", path=folder, facts=facts, content={"constructor": kind}
    )


def list_events(folder: Path, names: list[str]) -> Entry:
    """How many events of TrackML or ACTS are in a folder; none of them is read."""
    facts = {
        "events": f"{len(names):,}",
        "first": names[0],
        "last": names[-1],
        "size": size_text(total_bytes(folder)),
    }
    return Entry(
        kind="folder of events", path=folder, facts=facts, content={"events": names}
    )


def _is_same(path: Path, expected: str) -> bool:
    try:
        return checksum(path) == expected
    except OSError:
        return False
