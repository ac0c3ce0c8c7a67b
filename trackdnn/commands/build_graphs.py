"""`build-graphs`: what constructors make of events, side by side."""

from __future__ import annotations

import dataclasses
import json
import time
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import track
from rich.table import Table

from trackdnn.commands import console
from trackdnn.commands.overrides import content_of
from trackdnn.configuration import settle
from trackdnn.errors import InputError, nearest

if TYPE_CHECKING:
    from trackdnn.evaluation.intervals import Fraction
    from trackdnn.events.event import Event
    from trackdnn.events.source import EventSource
    from trackdnn.graphs.constructor import Constructor
    from trackdnn.graphs.quality import EdgeQuality
    from trackdnn.graphs.truth_graphs import Mode
    from trackdnn.settings.finding import FindingSettings, JudgementSettings

# What else could be set below `finding`.
_WHY = "events are seen whole, and trained constructors have settings of their own"


@dataclasses.dataclass
class _Made:
    """What a constructor has made of the events so far."""

    name: str
    constructor: Constructor
    events: int = 0
    hits: int = 0
    edges: int = 0
    seconds: float = 0.0
    megabytes: float = 0.0
    every: EdgeQuality | None = None
    stiff: EdgeQuality | None = None


def run(
    places: Sequence[str],
    *,
    finders: Sequence[Path],
    constructors: Sequence[Path],
    truth: str,
    plots: Path | None,
    config: Path | None,
    overrides: Sequence[str],
    as_json: bool,
    quiet: bool,
) -> None:
    """Build the graphs of all events, and print a row for each constructor."""
    content, name = content_of(config)
    settings = settle(content, overrides, name)
    mode = _mode(truth)
    from trackdnn.events.open import open_events
    from trackdnn.tracking.pipeline import asking

    allowed = ["judgement"] if finders or constructors else ["neighbours", "judgement"]
    asking.check_overrides(overrides, allowed, _WHY)
    if plots is not None:
        asking.check_folder(plots)
    made = _open(finders, constructors, settings.finding)
    sources = open_events(places)
    asking.check_once(sources)
    shown = not quiet and settings.local.progress
    for source in _watched(sources, shown):
        event = source.load()
        for one in made:
            _add(one, event, mode, settings.finding.judgement)
    judgement = settings.finding.judgement
    if as_json:
        rows = [_content(one, mode, judgement) for one in made]
        console.out().print(json.dumps(rows, indent=2), soft_wrap=True)
    else:
        console.out().print(_table(made, mode, judgement))
    _draw(made, plots, mode, judgement)


def _mode(name: str) -> Mode:
    from trackdnn.graphs.truth_graphs import MODES

    for mode in MODES:
        if mode == name:
            return mode
    raise InputError(
        f"--truth must be one of {', '.join(MODES)}. Received: {name!r}."
        f"{nearest(name, MODES)}"
    )


def _open(
    finders: Sequence[Path], constructors: Sequence[Path], settings: FindingSettings
) -> list[_Made]:
    """All that is asked for; without any, the one that needs no training."""
    from trackdnn.graphs.neighbours import Neighbours
    from trackdnn.graphs.saving import load_constructor
    from trackdnn.tracking.pipeline.folder import CONSTRUCTOR, FILE

    for folder in finders:
        if not (folder / FILE).is_file():
            raise InputError(
                f"--finder must be a folder that train-finder has written. Received: "
                f"'{folder}', without {FILE}. Name another, or use --constructor."
            )
    folders = [*constructors, *(folder / CONSTRUCTOR for folder in finders)]
    if not folders:
        return [_Made("neighbours", Neighbours(settings.neighbours))]
    loaded = [(folder, *load_constructor(folder)) for folder in folders]
    kinds = [kind for _, kind, _ in loaded]
    return [
        _Made(
            kind if kinds.count(kind) == 1 else f"{kind} {_tail(folder)}", constructor
        )
        for folder, kind, constructor in loaded
    ]


def _tail(folder: Path) -> str:
    """What tells folders apart, short enough for a column."""
    return "/".join(folder.resolve().parts[-2:])


def _watched(sources: Sequence[EventSource], shown: bool) -> Any:
    messages = console.messages()
    hidden = not (shown and messages.is_terminal)
    return track(
        sources, "building graphs", console=messages, disable=hidden, transient=True
    )


def _add(one: _Made, event: Event, mode: Mode, settings: JudgementSettings) -> None:
    from trackdnn.events.event import without_truth
    from trackdnn.graphs.quality import edge_quality

    seen = without_truth(event)
    start = time.perf_counter()
    graph = one.constructor.build(seen)
    one.seconds += time.perf_counter() - start
    one.events, one.hits = one.events + 1, one.hits + len(event)
    one.edges += len(graph)
    one.megabytes = max(one.megabytes, _peak(one.constructor, seen))
    if event.particles is None:
        return
    counted = event.particles.hits >= settings.min_hits
    every = edge_quality(event, graph, mode, counted)
    stiff = edge_quality(
        event, graph, mode, counted & (event.particles.pt > settings.min_pt)
    )
    one.every = every if one.every is None else one.every + every
    one.stiff = stiff if one.stiff is None else one.stiff + stiff


def _peak(constructor: Constructor, event: Event) -> float:
    """Most memory that a graph takes on the way, MB; built again, as it takes time."""
    tracemalloc.start()
    try:
        constructor.build(event)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def _table(made: list[_Made], mode: Mode, settings: JudgementSettings) -> Table:
    table = Table(
        title=f"True edges: {mode}; particles of {settings.min_hits} hits or more",
        title_justify="left",
    )
    heads = ["constructor", "events", "hits", "edges", "edges / hit", "eff., all pT"]
    heads += [f"eff., pT > {settings.min_pt:g}", "purity", "same particle"]
    heads += ["s / event", "peak MB"]
    for head in heads:
        side: Any = "left" if head == "constructor" else "right"
        table.add_column(head, justify=side)
    for one in made:
        table.add_row(
            one.name,
            f"{one.events:,}",
            f"{one.hits:,}",
            f"{one.edges:,}",
            _text(one.edges, one.hits, 2),
            *_figures(one),
            f"{one.seconds / max(one.events, 1):.3f}",
            f"{one.megabytes:.0f}",
        )
    return table


def _figures(one: _Made) -> list[str]:
    if one.every is None or one.stiff is None:
        return ["-"] * 4
    every = one.every
    return [
        _text(every.found, every.wanted, 4),
        _text(one.stiff.found, one.stiff.wanted, 4),
        _text(every.right, every.edges, 4),
        _text(every.same, every.edges, 4),
    ]


def _text(part: int, whole: int, digits: int) -> str:
    return f"{part / whole:.{digits}f}" if whole else "-"


def _content(one: _Made, mode: Mode, settings: JudgementSettings) -> dict[str, Any]:
    return {
        "constructor": one.name,
        "events": one.events,
        "hits": one.hits,
        "edges": one.edges,
        "seconds": one.seconds,
        "peak_megabytes": one.megabytes,
        "truth": mode,
        "min_hits": settings.min_hits,
        "min_pt": settings.min_pt,
        "events_with_truth": one.every.events if one.every else 0,
    } | _shares(one, settings.confidence)


def _shares(one: _Made, confidence: float) -> dict[str, Any]:
    from trackdnn.evaluation.intervals import fraction

    if one.every is None or one.stiff is None:
        return {}

    def share(part: int, whole: int) -> dict[str, Any]:
        found: Fraction = fraction(part, whole, confidence)
        return found.to_dict()

    every, stiff = one.every, one.stiff
    return {
        "efficiency": share(every.found, every.wanted),
        "efficiency_above_min_pt": share(stiff.found, stiff.wanted),
        "purity": share(every.right, every.edges),
        "same_particle": share(every.same, every.edges),
    }


def _draw(
    made: list[_Made], folder: Path | None, mode: Mode, settings: JudgementSettings
) -> None:
    if folder is None:
        return
    from trackdnn.data.prepared.atomic import write_errors
    from trackdnn.tracking.plots.edges import draw_edges

    qualities = {one.name: one.every for one in made if one.every is not None}
    if not qualities:
        console.say(["no picture: no event has truth"])
        return
    with write_errors(folder):
        draw_edges(folder, qualities, f"true edges: {mode}", settings.confidence)
    console.say([f"pictures: {folder}"])
