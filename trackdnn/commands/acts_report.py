"""What `acts` found: as plain values, as a table, as remarks."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Collection

    from trackdnn.simulation.filtered_production import FilteredProduction

# Of the intervals.
CONFIDENCE = 0.683
_TITLES = {
    "found": "track finding",
    "network": "network",
    "ambiguity": "ambiguity resolution alone",
    "both": "network, ambiguity resolution",
}


def figures(made: FilteredProduction) -> dict[str, Any]:
    """Everything that was counted, as plain values."""
    from trackdnn.evaluation.intervals import fraction

    start = made.stages["found"]

    def share(part: int, whole: int) -> dict[str, Any]:
        return fraction(part, whole, CONFIDENCE).to_dict()

    stages = {
        stage: {
            "tracks": counts.tracks,
            "fakes": counts.fakes,
            "true": counts.true,
            "repeated": counts.repeated,
            "particles": counts.particles,
            "fake_rate": share(counts.fakes, counts.tracks),
            "true_lost": share(start.true - counts.true, start.true),
            "particles_lost": share(
                start.particles - counts.particles, start.particles
            ),
            "efficiency": share(counts.wanted, made.wanted),
        }
        for stage, counts in made.stages.items()
    }
    return {
        "events": made.events,
        "empty_events": made.empty,
        "confidence": CONFIDENCE,
        "stages": stages,
        "iterations": {
            str(algo): {"found": found, "kept": kept}
            for algo, (found, kept) in sorted(made.iterations.items())
        },
        "seconds_per_event": dataclasses.asdict(made.per_event),
        "cpu_seconds": made.cpu_seconds,
        "seconds": made.seconds,
    }


def table_of(content: dict[str, Any]) -> Table:
    """One row per stage, of what `figures` gave and what the job was."""
    table = Table(title=_title(content), title_justify="left")
    table.add_column("after")
    heads = ("tracks", "fakes", "fake rate", "true", "true lost", "particles lost")
    for head in (*heads, "efficiency"):
        table.add_column(head, justify="right")
    for stage, counts in content["stages"].items():
        first = stage == "found"
        table.add_row(
            _TITLES[stage],
            f"{counts['tracks']:,}",
            f"{counts['fakes']:,}",
            _percent(counts["fake_rate"], interval=True),
            f"{counts['true']:,}",
            "" if first else _percent(counts["true_lost"]),
            "" if first else _percent(counts["particles_lost"]),
            _percent(counts["efficiency"], interval=True),
        )
    return table


def _title(content: dict[str, Any]) -> str:
    point, cut = content["working_point"], f"2p - 1 > {content['cut']:.4g}"
    where = "in all iterations" if point is None else "or the iteration's own"
    events = content["events"]
    return (
        f"{events} event{'s' if events != 1 else ''} of {content['process']} at "
        f"mu {content['mu']:g}, seed {content['seed']}; "
        f"{f'{point}: ' if point else ''}{cut} {where}"
    )


def _percent(share: dict[str, Any], *, interval: bool = False) -> str:
    if share["value"] is None:
        return "-"
    text = f"{share['value']:.2%}"
    if not interval:
        return text
    up, down = share["upper"] - share["value"], share["value"] - share["lower"]
    return f"{text} (+{100 * up:.2f} -{100 * down:.2f})"


def remarks_on(made: FilteredProduction, known: Collection[int]) -> list[str]:
    """What people should know beside the table.

    Args:
        made: What the job did.
        known: Iterations that the network knows; none if it does not care.
    """
    parts = dataclasses.asdict(made.per_event)
    listed = ", ".join(f"{name} {1000 * value:.1f}" for name, value in parts.items())
    remarks = [
        f"CPU ms per event: {listed}; "
        f"all: {made.cpu_seconds / made.events:.2f} CPU s per event, "
        f"{made.seconds:.0f} s"
    ]
    if made.empty:
        remarks.append(
            f"note: {made.empty} events without tracks passed the network by"
        )
    strange = {
        algo: found for algo, (found, _) in made.iterations.items() if algo not in known
    }
    if known and strange:
        remarks.append(
            f"warning: {sum(strange.values()):,} tracks of an iteration that the "
            f"network does not know ({', '.join(map(str, sorted(strange)))})"
        )
    return remarks
