"""A run explained, and runs side by side."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from trackdnn.inspection.listing.checkpoints import checkpoint_grid
from trackdnn.inspection.listing.entry import (
    Entry,
    Grid,
    count_text,
    seconds_text,
    size_text,
    total_bytes,
    words,
)
from trackdnn.inspection.listing.runs import read_run
from trackdnn.training.begin import CHECKPOINTS, EVENTS
from trackdnn.training.trackers.record import WANDB, read_record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from trackdnn.inspection.listing.runs import RunState
    from trackdnn.inspection.listing.stages import StageProgress

_ALSO = ("evaluation", "bundle", EVENTS, WANDB, CHECKPOINTS)


def list_run(folder: Path) -> Entry:
    """Stages, settings and result of a run, and what is damaged in it."""
    run = read_run(folder)
    facts = {
        "state": _state(run),
        "network": _network(run),
        "data": _data(run.settings),
        "best": _best(run),
        "trained": f"{seconds_text(_seconds(run))}, {_speed(run)} tracks/s",
        "goes on from": _going_on(run),
        "tracker": _tracker(folder),
        "also here": words(name for name in _ALSO if (folder / name).is_dir()),
        "size": size_text(total_bytes(folder)),
    }
    grids = [_stage_grid(run.stages)] if run.stages else []
    grids += [checkpoint_grid(run.checkpoints)] if run.checkpoints else []
    return Entry(
        kind="run",
        path=folder,
        facts={name: text for name, text in facts.items() if text},
        grids=tuple(grids),
        content=run_content(run),
        damaged=run.damaged,
    )


def list_runs(folder: Path, folders: Iterable[Path]) -> Entry:
    """Runs below a folder, one row each."""
    runs = [read_run(one) for one in folders]
    names = ("run", "architecture", "state")
    numbers = ("parameters", "stages", "epochs", "val_auc", "val_loss", "tracks/s")
    rows = tuple((run.folder.name, *_row(run)) for run in runs)
    return Entry(
        kind="runs",
        path=folder,
        grids=(Grid(count_text(len(runs), "run"), names, (*numbers, "time"), rows),),
        content={"runs": [run_content(run) for run in runs]},
        damaged=tuple(
            f"{run.folder.name}: {fault}" for run in runs for fault in run.damaged
        ),
    )


def run_content(run: RunState) -> dict[str, Any]:
    """A run as plain values."""
    best, latest, told = run.best, run.latest, read_record(run.folder)
    return {
        "run": str(run.folder),
        "state": run.state,
        "complete": run.complete,
        "trained_by": run.trained_by or None,
        "architecture": _architecture(run),
        "parameters": run.parameters,
        "stages": [stage.to_dict() for stage in run.stages],
        "epochs": len(run.history),
        "epochs_planned": sum(stage.planned for stage in run.stages),
        "val_auc": best.val_auc if best else None,
        "val_loss": best.val_loss if best else None,
        "seconds": round(_seconds(run), 3),
        "tracks_per_second": run.history[-1].tracks_per_second if run.history else None,
        "goes_on_from": latest.name if latest and not run.complete else None,
        "checkpoints": [one.to_dict() for one in run.checkpoints],
        "tracker": told and dataclasses.asdict(told),
        "settings": run.settings,
    }


def _row(run: RunState) -> tuple[str, ...]:
    best = run.best
    parameters = "" if run.parameters is None else f"{run.parameters:,}"
    return (
        _architecture(run),
        run.state,
        parameters,
        _stages(run),
        f"{len(run.history)}/{sum(stage.planned for stage in run.stages)}",
        f"{best.val_auc:.5f}" if best else "",
        f"{best.val_loss:.4f}" if best else "",
        _speed(run) if run.history else "",
        seconds_text(_seconds(run)) if run.history else "",
    )


def _stages(run: RunState) -> str:
    return f"{sum(stage.ended for stage in run.stages)}/{len(run.stages)}"


def _state(run: RunState) -> str:
    if run.trained_by:
        return f"being trained by {run.trained_by}"
    verified = run.state == "complete"
    return "complete; all files have their SHA-256" if verified else run.state


def _architecture(run: RunState) -> str:
    model = run.settings.get("model")
    found = model.get("architecture") if isinstance(model, dict) else None
    return str(found or run.summary.get("architecture") or "?")


def _network(run: RunState) -> str:
    model = run.settings.get("model")
    options = model.get("options") if isinstance(model, dict) else None
    more = [f"{name} {value}" for name, value in (options or {}).items()]
    if run.parameters is not None:
        more.insert(0, f"{run.parameters:,} parameters")
    seed = run.settings.get("seed")
    return ", ".join([_architecture(run), *more, *([f"seed {seed}"] if seed else [])])


def _data(settings: dict[str, Any]) -> str:
    data = settings.get("data")
    if not isinstance(data, dict):
        return ""
    if data.get("prepared"):
        return f"prepared dataset {data['prepared']}"
    samples = data.get("samples") or ()
    return words(
        f"{one.get('name')} ({count_text(len(one.get('files') or ()), 'file')})"
        for one in samples
        if isinstance(one, dict)
    )


def _best(run: RunState) -> str:
    best = run.best
    if best is None:
        return ""
    which = f"stage {best.stage}, " if len(run.stages) > 1 else ""
    return (
        f"{which}epoch {best.epoch}: val_auc {best.val_auc:.5f}, "
        f"val_loss {best.val_loss:.4f}, loss {best.loss:.4f}"
    )


def _going_on(run: RunState) -> str:
    if run.complete or run.latest is None:
        return ""
    return f"{run.latest.name} ({run.latest.place})"


def _tracker(folder: Path) -> str:
    told = read_record(folder)
    if told is None:
        return ""
    return f"{told.tracker} run {told.id}, {count_text(told.rows, 'epoch')} told"


def _seconds(run: RunState) -> float:
    return sum(row.seconds for row in run.history)


def _speed(run: RunState) -> str:
    return f"{run.history[-1].tracks_per_second:,.0f}" if run.history else "0"


def _stage_grid(stages: Iterable[StageProgress]) -> Grid:
    rows = [
        (
            str(stage.number),
            stage.recipe,
            stage.epochs_text,
            f"{stage.best.epoch}" if stage.best else "",
            f"{stage.best.val_auc:.5f}" if stage.best else "",
            f"{stage.best.val_loss:.4f}" if stage.best else "",
            seconds_text(stage.seconds),
        )
        for stage in stages
    ]
    numbers = ("epochs", "best", "val_auc", "val_loss", "time")
    return Grid("Stages", ("stage", "recipe"), numbers, tuple(rows))
