"""How well are tracks found, and where are those lost that are not?

    python -m benchmarks.track_finding [--finder NAME=FOLDER…] --events NAME=PLACE…

One row per set of events and finder; without `--finder`, the finders that are shipped
with the samples. Both options may be given several times. Where a set has
`EVENT-tracks_ckf.csv`, as written by `simulate events --ckf`, ACTS' own finder has a
row too, with its CPU seconds. The columns `graph`, `filter` and `network` are the true
edges of wanted particles (consecutive hits, pT as for the efficiency) that are in the
graph of the constructor, that the filter leaves of them, and that are left when tracks
are built: what is missing there no builder can mend. `network s` is the wall time of
the network alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.commands import console
from trackdnn.data.memory import peak_memory
from trackdnn.errors import SettingsError
from trackdnn.events.event import without_truth
from trackdnn.events.open import open_events
from trackdnn.graphs.quality import edge_quality
from trackdnn.settings.finding import JudgementSettings
from trackdnn.tracking.formats.open import open_tracks
from trackdnn.tracking.judgement import Judgement, judge
from trackdnn.tracking.pipeline.applying import rows_of
from trackdnn.tracking.pipeline.folder import FILE, load_finder
from trackdnn.tracking.tables import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackdnn.events.event import Event
    from trackdnn.events.source import EventSource
    from trackdnn.tracking.pipeline.finder import Finder
    from trackdnn.tracking.presets import Definition

CKF = "ACTS CKF"
HEADINGS = (
    "events",
    "finder",
    "efficiency",
    "r < 30 mm",
    "all pT",
    "fake rate",
    "duplicates",
    "score",
    "graph",
    "filter",
    "network",
    "network s",
    "s/event",
    "CPU s/event",
)
# Beyond it, ACTS' one pass with seeds in the pixels finds nothing.
PROMPT_MM = 30.0
SAMPLES = Path(__file__).parents[1] / "samples"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """What is measured of one finder on one set.

    Args:
        judgement: Of all its events.
        seconds: Wall time per event, `None` where nobody has measured it.
        cpu_seconds: Processor time of all threads per event.
        network: Wall time of the network per event, `None` where there is none.
        edges: Wanted true edges, those in the graph, those that the filter leaves of
            them, and those that the network leaves.
    """

    judgement: Judgement
    seconds: float | None
    cpu_seconds: float
    network: float | None = None
    edges: tuple[int, int, int, int] = (0, 0, 0, 0)


def measure(
    finder: Finder, sources: Sequence[EventSource], definitions: Sequence[Definition]
) -> Row:
    """Finds and judges the tracks of a set.

    Args:
        finder: Sees no truth.
        sources: The events.
        definitions: The first one says which particles' edges are counted.
    """
    judgement, edges = Judgement(), np.zeros(4, dtype=np.int64)
    seconds = cpu = network = 0.0
    for source in sources:
        event = source.load()
        cpu -= time.process_time()
        found = finder.find(event)
        cpu += time.process_time()
        seconds += sum(found.seconds.values())
        network += found.seconds["network"]
        judgement += judge(event, found.tracks, definitions)
        edges += edge_counts(finder, event, definitions[0])
    wanted, built, filtered, left = edges.tolist()
    return Row(
        judgement=judgement,
        seconds=seconds / len(sources),
        cpu_seconds=cpu / len(sources),
        network=network / len(sources) if finder.network else None,
        edges=(wanted, built, filtered, left),
    )


def edge_counts(finder: Finder, event: Event, definition: Definition) -> list[int]:
    """Wanted true edges, those in the graph, those left by filter and by network."""
    counted = definition.wanted.mask(event)
    blind = without_truth(event)
    graph = finder.constructor.build(blind)
    filtered = finder.filter.apply(blind, graph) if finder.filter else graph
    left = finder.network.apply(blind, filtered) if finder.network else filtered
    found = [
        edge_quality(event, one, "eom", counted) for one in (graph, filtered, left)
    ]
    return [found[0].wanted, *(one.found for one in found)]


def peer(
    place: Path, sources: Sequence[EventSource], definitions: Sequence[Definition]
) -> Row | None:
    """ACTS' own tracks of a set, if it has them."""
    seconds = place / "ckf.json"
    if not seconds.is_file():
        return None
    tracks = open_tracks(f"{place}/*-tracks_ckf.csv", [one.name for one in sources])
    judgement = Judgement()
    for source in sources:
        event = source.load()
        judgement += judge(event, tracks.tracks(event), definitions)
    events = json.loads(seconds.read_text(encoding="utf-8"))["events"]
    # Of these events alone: a folder may hold more than are asked for.
    spent = sum(events[one.name]["cpu_seconds"] for one in sources)
    cpu = spent / len(sources)
    return Row(judgement=judgement, seconds=None, cpu_seconds=cpu)


def cells(
    name: str, finder: str, row: Row, definitions: Sequence[Definition]
) -> list[str]:
    """A row of the table, in the order of `HEADINGS`."""
    counts = [row.judgement.counts[one] for one in definitions]
    first, prompt, every = counts
    confidence = JudgementSettings().confidence
    wanted, *kept = row.edges
    score = row.judgement.score.mean
    return [
        name,
        finder,
        text(first.efficiency(confidence)),
        text(prompt.efficiency(confidence)),
        text(every.efficiency(confidence)),
        text(first.fake_rate(confidence)),
        text(first.duplicate_rate(confidence, per_found=False)),
        "-" if score is None else f"{score:.4f}",
        *(f"{one / wanted:.4f}" if wanted else "-" for one in kept),
        "-" if row.network is None else f"{row.network:.2f}",
        "-" if row.seconds is None else f"{row.seconds:.2f}",
        f"{row.cpu_seconds:.2f}",
    ]


def definitions_of(min_pt: float) -> tuple[Definition, ...]:
    """Particles above a pT, those of them from near the beam line, all of any pT."""
    first, every = rows_of(JudgementSettings(min_pt=min_pt))
    near = dataclasses.replace(first.wanted, max_radius=PROMPT_MM)
    return first, dataclasses.replace(first, wanted=near), every


def named(texts: Sequence[str]) -> dict[str, Path]:
    """`NAME=PLACE` as a mapping.

    Raises:
        SettingsError: If a name or a place is missing.
    """
    found = {}
    for one in texts:
        name, sign, place = one.partition("=")
        if not (name and sign and place):
            raise SettingsError(
                f"Finders and events must be given as NAME=PLACE. Received: '{one}'"
            )
        found[name] = Path(place)
    return found


def shipped(folder: Path) -> dict[str, Path]:
    """The finders in a folder by the names of their folders."""
    return {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{FILE}"))}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    many: dict[str, Any] = {"nargs": "+", "action": "extend"}
    parser.add_argument("--finder", **many, metavar="NAME=FOLDER")
    parser.add_argument("--events", **many, required=True, metavar="NAME=PLACE")
    parser.add_argument("--min-pt", type=float, default=0.9, help="GeV, above 0")
    parser.add_argument("--most", type=int, help="events of each set")
    asked = parser.parse_args(arguments)
    definitions = definitions_of(asked.min_pt)
    places = named(asked.finder) if asked.finder else shipped(SAMPLES)
    finders = {name: load_finder(place) for name, place in places.items()}
    lines = [list(HEADINGS)]
    start = time.perf_counter()
    for name, place in named(asked.events).items():
        sources = open_events([str(place)])[: asked.most]
        for title, finder in finders.items():
            row = measure(finder, sources, definitions)
            lines.append(cells(name, title, row, definitions))
        other = peer(place, sources, definitions)
        if other is not None:
            lines.append(cells(name, CKF, other, definitions))
        console.say([f"{name}: {len(sources)} events"])
    _print(lines)
    seconds, peak = time.perf_counter() - start, peak_memory(workers=True)
    console.say(
        [
            *map(str, definitions),
            "matching: double majority; times without reading; those of ACTS: seeding, "
            "finding and ambiguity resolution",
            f"{seconds:.0f} s in all, {peak:.0f} MB",
        ]
    )
    return 0


def _print(lines: Sequence[Sequence[str]]) -> None:
    """The table as Markdown, for the page that quotes it."""
    out = console.out()
    for number, line in enumerate(lines):
        out.print("| " + " | ".join(line) + " |", soft_wrap=True)
        if number == 0:
            out.print("|" + "---|" * len(line))


if __name__ == "__main__":
    raise SystemExit(main())
