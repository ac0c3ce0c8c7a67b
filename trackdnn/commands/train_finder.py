"""`train-finder`: a constructor, an edge filter and cuts, from events with truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackdnn.commands import console
from trackdnn.commands.overrides import content_of
from trackdnn.configuration import settle

if TYPE_CHECKING:
    from rich.table import Table


def run(
    places: Sequence[str],
    output: Path,
    *,
    config: Path | None,
    overrides: Sequence[str],
    constructor: Path | None,
    validation: float,
    quiet: bool,
) -> None:
    """Train, say how good it is, and print where it lies."""
    content, name = content_of(config)
    settings = settle(content, overrides, name)
    from trackdnn.events.open import open_events
    from trackdnn.tracking.pipeline.plan import make_plan
    from trackdnn.tracking.pipeline.training import train_finder

    done = train_finder(
        make_plan(
            settings.finding,
            open_events(places),
            seed=settings.seed,
            validation=validation,
            constructor=constructor,
        ),
        output,
        threads=settings.local.cpu_threads,
        progress=not quiet and settings.local.progress,
        say=console.say,
    )
    console.messages().print(_table(done))
    console.out().print(str(output), soft_wrap=True)


def _table(done: dict[str, Any]) -> Table:
    settings = done["settings"]
    builder = settings["builder"]
    rows = {
        "events": f"{len(done['training'])} to learn from, "
        f"{len(done['validation'])} to choose cuts by",
        "constructor": settings["constructor"],
        "filter": "boosted trees" if settings["filter"]["enabled"] else "none",
        builder: ", ".join(
            f"{key} {value}" for key, value in settings[builder].items()
        ),
    }
    if done["tuning"]:
        best = max(done["tuning"], key=lambda one: float(one["merit"]))
        rows["efficiency"] = f"{best['efficiency']:.4f} on the events of validation"
        rows["fake rate"] = f"{best['fake']:.4f}"
    return console.facts("finder", rows)
