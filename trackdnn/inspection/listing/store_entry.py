"""Explains an event store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackdnn.errors import BadFileError
from trackdnn.inspection.listing.entry import Entry, size_text

if TYPE_CHECKING:
    from pathlib import Path

    from trackdnn.events.store.manifest import Manifest


def list_store(folder: Path) -> Entry:
    """What an event store holds; its files are compared in full."""
    # Arrow takes a tenth of a second to import, and a listing of runs needs none.
    from trackdnn.events.store.store import open_store

    try:
        store = open_store(folder)
    except BadFileError as error:
        return Entry(kind="event store", path=folder, damaged=(str(error),))
    damaged = []
    for source in store.sources():
        try:
            source.verify()
        except BadFileError as error:
            damaged.append(str(error))
    state = "damaged" if damaged else "complete; all files have their SHA-256"
    return Entry(
        kind="event store",
        path=folder,
        facts={"state": state, **store_facts(store.manifest)},
        content={
            "totals": store.manifest.totals.model_dump(),
            "events": store.names,
            "skipped": [one.name for one in store.manifest.skipped],
            "versions": store.manifest.versions,
        },
        damaged=tuple(damaged),
    )


def store_facts(manifest: Manifest) -> dict[str, str]:
    """What a store holds, as text by title."""
    totals = manifest.totals
    found = {
        "events": f"{totals.events:,}",
        "with truth": f"{totals.with_truth:,} of {totals.events:,} events",
        "with clusters": f"{totals.with_clusters:,} of {totals.events:,} events",
        "hits": f"{totals.hits:,}",
    }
    if totals.with_truth:
        share = totals.noise / max(totals.hits_with_truth, 1)
        found |= {
            "noise": f"{share:.1%} of the hits",
            "particles": f"{totals.particles:,} with at least one hit",
            "pT > 0.9 GeV": f"{totals.fast:,} of them",
        }
    if manifest.skipped:
        found["left out"] = f"{len(manifest.skipped):,} damaged"
    return found | {"size": size_text(totals.bytes)}
