"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None,
    typer.Option(
        help="Settings: a Python file with a dict `settings`, or YAML. "
        "Default: config.py in the current folder, if there is one."
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override one setting, a.b=c."),
]
Seed = Annotated[int | None, typer.Option(help="Same as --set seed=N.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bars.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]

# Of simulated events.
Events = Annotated[int, typer.Option(help="Number of events.")]
PileUp = Annotated[float, typer.Option(help="Mean number of pile-up collisions.")]
Process = Annotated[str, typer.Option(help="ttbar, minbias or displaced.")]
EventSeed = Annotated[int, typer.Option(help="Seed; same seed, same events.")]
Workers = Annotated[int, typer.Option(help="Processes.")]
