"""`simulate events`: hits, cells, particles and truth from the simulation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from trackdnn.commands import console

if TYPE_CHECKING:
    from trackdnn.simulation.event_production import EventProduction
    from trackdnn.simulation.event_worker import Sample


def run(
    output: Path,
    sample: Sample,
    *,
    events: int,
    first: int,
    workers: int,
    progress: bool,
) -> None:
    """Simulate, write the files, and print what is in them."""
    from trackdnn.simulation.event_production import simulate_events

    made = simulate_events(
        output,
        sample,
        events=events,
        first=first,
        workers=workers,
        progress=progress,
    )
    console.out().print(_table(made))
    console.say(_remarks(made))


def _table(made: EventProduction) -> Table:
    """One row per number that an average over the events says something about."""
    count = len(made.events)
    rows = {"particles with hits": [one.particles for one in made.events]}
    rows["hits"] = [one.hits for one in made.events]
    rows["noise hits"] = [one.noise for one in made.events]
    rows["cells"] = [one.cells for one in made.events]
    if all(one.tracks is not None for one in made.events):
        rows["tracks of ACTS"] = [one.tracks or 0 for one in made.events]
    table = Table(title=f"{made.folder}: {count} events", title_justify="left")
    table.add_column("per event")
    for heading in ("mean", "least", "most"):
        table.add_column(heading, justify="right")
    for name, values in rows.items():
        mean = f"{sum(values) / count:.0f}"
        table.add_row(name, mean, str(min(values)), str(max(values)))
    return table


def _remarks(made: EventProduction) -> list[str]:
    """What it took."""
    count = len(made.events)
    there = count - made.made
    seconds = sum(one.cpu_seconds for one in made.events) / count
    lines = [f"{seconds:.2f} CPU seconds per event, {made.seconds:.1f} s in all"]
    if there:
        lines.append(f"{there} of the events were there already")
    finding = [one.ckf_seconds for one in made.events if one.ckf_seconds is not None]
    if finding:
        mean = sum(finding) / len(finding)
        lines.append(f"ACTS found the tracks in {mean:.2f} CPU seconds per event")
    return lines
