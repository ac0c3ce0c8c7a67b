"""`find-tracks`: events to tracks, and where truth is known how good they are."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from trackdnn.commands import console
from trackdnn.commands.overrides import content_of
from trackdnn.configuration import settle
from trackdnn.errors import InputError
from trackdnn.graphs.progress import watched

if TYPE_CHECKING:
    from trackdnn.events.source import EventSource
    from trackdnn.settings.finding import JudgementSettings
    from trackdnn.tracking.judgement import Judgement
    from trackdnn.tracking.pipeline.applying import Job, Outcome
    from trackdnn.tracking.presets import Definition

_STAGES = ("read", "construct", "filter", "network", "build", "select")


def run(
    places: Sequence[str],
    finder: Path,
    output: Path | None,
    *,
    display: bool,
    config: Path | None,
    overrides: Sequence[str],
    workers: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Find the tracks of all events, and print a row for each."""
    content, name = content_of(config)
    settings = settle(content, overrides, name)
    from trackdnn.events.open import open_events
    from trackdnn.tracking.pipeline import applying, asking

    asking.check_overrides(
        overrides, asking.FREE, "the finder was trained with the others"
    )
    sources = open_events(places)
    page = (output or Path()) / f"{sources[0].name}.html" if sources else None
    judgement = settings.finding.judgement
    job = applying.Job(
        finder=finder,
        threads=1 if workers > 1 else settings.local.cpu_threads,
        rows=applying.rows_of(judgement),
        output=output,
        display=page if display else None,
        builder=asking.of_builder(overrides),
    )
    wanted = not quiet and settings.local.progress
    done: list[Outcome] = []
    try:
        _apply(job, sources, workers, done, progress=wanted)
    finally:
        # After Ctrl-C too: what is done is done.
        if done:
            _show(done, job.rows, judgement, as_json=as_json)
    if display and done and not done[0].error:
        console.say([f"page: {page}"])
    _fail(done)


def _apply(
    job: Job,
    sources: Sequence[EventSource],
    workers: int,
    done: list[Outcome],
    *,
    progress: bool,
) -> None:
    """Finds tracks, and adds what has become of each event as soon as it is there."""
    from trackdnn.tracking.pipeline import applying

    # Closed at once, workers end before anything is said.
    with contextlib.closing(applying.apply(job, sources, workers)) as outcomes:
        done.extend(
            watched(
                outcomes, enabled=progress, what="finding tracks", total=len(sources)
            )
        )


def _show(
    done: list[Outcome],
    rows: tuple[Definition, ...],
    settings: JudgementSettings,
    *,
    as_json: bool,
) -> None:
    from trackdnn.data.memory import peak_memory
    from trackdnn.tracking.judgement import total

    done.sort(key=lambda one: one.place)
    good = [one for one in done if not one.error]
    every = total(one.judgement for one in good if one.judgement)
    peak = peak_memory(workers=True)
    if as_json:
        content = _content(done, every, settings.confidence, peak)
        console.out().print(json.dumps(content, indent=2), soft_wrap=True)
        return
    if not good:
        return
    console.out().print(_table(good, rows, every))
    spent = sum(sum(one.seconds.values()) for one in good)
    console.say(
        [
            f"{len(good)} events, {spent / len(good):.3f} s per event, peak "
            f"memory {peak:.0f} MB",
            f"of them: {_spent(good)}",
            *(f"found and fake: {row}" for row in rows[:1] if every.events),
        ]
    )


def _table(
    good: list[Outcome], rows: tuple[Definition, ...], every: Judgement
) -> Table:
    table = Table(title="Tracks", title_justify="left")
    heads = ["event", "hits", "candidates", "edges", "tracks", "seconds"]
    if every.events:
        heads += [*(f"eff., {_pt(row)}" for row in rows)]
        heads += ["fakes", "dupl.", "score"]
    for head in heads:
        side: Any = "left" if head == "event" else "right"
        table.add_column(head, justify=side, no_wrap=head == "event")
    for one in good:
        sizes = [one.hits, one.candidates, one.edges, one.tracks]
        table.add_row(
            one.name,
            *(f"{size:,}" for size in sizes),
            f"{sum(one.seconds.values()):.3f}",
            *(_figures(one.judgement, rows) if every.events else []),
        )
    if len(good) > 1:
        table.add_section()
        table.add_row(*_total(good), *(_figures(every, rows) if every.events else []))
    return table


def _spent(good: list[Outcome]) -> str:
    """Mean seconds of the stages that take time to be seen."""
    mean = {
        stage: sum(one.seconds[stage] for one in good) / len(good) for stage in _STAGES
    }
    texts = {stage: f"{spent:.3f}" for stage, spent in mean.items()}
    return ", ".join(f"{stage} {t}" for stage, t in texts.items() if float(t) > 0)


def _total(good: list[Outcome]) -> list[str]:
    names = ("hits", "candidates", "edges", "tracks")
    sizes = [sum(getattr(one, name) for one in good) for name in names]
    spent = sum(sum(one.seconds.values()) for one in good)
    return ["all", *(f"{size:,}" for size in sizes), f"{spent:.3f}"]


def _figures(judgement: Judgement | None, rows: tuple[Definition, ...]) -> list[str]:
    if judgement is None:
        return ["-"] * (len(rows) + 3)
    counts = [judgement.counts[row] for row in rows]
    first = counts[0]
    values = [_share(one.found, one.particles) for one in counts]
    values += [_share(first.fakes, first.tracks)]
    values += [_share(first.duplicates, first.tracks)]
    return [*values, _text(judgement.score.mean)]


def _pt(row: Definition) -> str:
    low = row.wanted.min_pt
    return "all" if low is None else f"pT > {low:g}"


def _share(part: int, whole: int) -> str:
    return _text(part / whole if whole else None)


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _content(
    done: list[Outcome], every: Judgement, confidence: float, peak: float
) -> dict[str, Any]:
    events = []
    for one in done:
        judged = one.judgement and one.judgement.to_dict(confidence)
        row: dict[str, Any] = {"name": one.name, "error": one.error}
        if not one.error:
            row |= {
                "hits": one.hits,
                "candidates": one.candidates,
                "edges": one.edges,
                "tracks": one.tracks,
                "seconds": one.seconds,
                "judgement": judged,
            }
        events.append(row)
    whole = every.to_dict(confidence) if every.events else None
    return {"events": events, "all": whole, "peak_megabytes": round(peak, 1)}


def _fail(done: list[Outcome]) -> None:
    errors = [one.error for one in done if one.error]
    if len(errors) > 1:
        console.say([f"error: {error}" for error in errors])
        raise InputError(
            f"All events must be readable. Received: {len(errors)} of {len(done)} that "
            "are not. Mend or leave out those above."
        )
    if errors:
        raise InputError(errors[0])
