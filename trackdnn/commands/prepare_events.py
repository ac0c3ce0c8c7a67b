"""`prepare-events`: event files to a store that everything else reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trackdnn.commands import console


def run(
    places: Sequence[str],
    output: Path,
    *,
    detectors: Path | None,
    workers: int,
    fresh: bool,
    skip_damaged: bool,
    quiet: bool,
) -> None:
    """Prepare a store, and print what it holds."""
    from trackdnn.events.open import open_events
    from trackdnn.events.store.prepare import prepare_events
    from trackdnn.inspection.listing.store_entry import store_facts

    store = prepare_events(
        open_events(places, detectors=detectors),
        output,
        workers=workers,
        skip_damaged=skip_damaged,
        fresh=fresh,
        progress=not quiet,
        say=console.say,
    )
    if store.manifest.skipped:
        console.say(
            f"left out: {one.name}: {one.reason}" for one in store.manifest.skipped
        )
    console.out().print(str(store.folder), soft_wrap=True)
    console.out().print(console.facts("", store_facts(store.manifest)))
