"""`simulate tracks`: labelled tracks from the simulation."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from trackdnn.commands import console
from trackdnn.data.features import algorithm_name


def run(
    output: Path,
    *,
    events: int,
    mu: float,
    process: str,
    seed: int,
    workers: int,
    working_point: str,
    progress: bool,
) -> None:
    """Simulate, write the file, and print what is in it."""
    from trackdnn.simulation.production import simulate_tracks

    made = simulate_tracks(
        output,
        events=events,
        mu=mu,
        process=process,
        seed=seed,
        workers=workers,
        working_point=working_point,
        progress=progress,
    )
    table = Table(title=f"{made.path}: {made.tracks} tracks in {made.events} events")
    for heading in ("iteration", "true", "fake", "fake share"):
        table.add_column(heading, justify="left" if heading == "iteration" else "right")
    for algo, (true, fake) in sorted(made.counts.items()):
        share = f"{fake / max(true + fake, 1):.3f}"
        table.add_row(f"{algo} {algorithm_name(algo)}", str(true), str(fake), share)
    console.out().print(table)
    console.say(
        [
            f"{made.cpu_seconds / max(made.events, 1):.2f} CPU seconds per event, "
            f"{made.seconds:.1f} s in all"
        ]
    )
