"""`search`: many trainings, to find the settings of the best network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from trackdnn.commands import console, quiet
from trackdnn.commands import train as training
from trackdnn.search.methods import check_optuna
from trackdnn.search.plan import Plan
from trackdnn.search.results import BEST, in_words
from trackdnn.search.space import read_space
from trackdnn.search.training import RunTrainer
from trackdnn.search.worker import search
from trackdnn.training.workers import refuse_several

if TYPE_CHECKING:
    from trackdnn.data.dataset import Dataset
    from trackdnn.search.results import Results
    from trackdnn.settings import Settings

# Trials in the table.
SHOWN = 10


def run(
    settings: Settings,
    space: Path,
    folder: Path,
    *,
    trials: int,
    monitor: str | None = None,
    sampler: str = "tpe",
    pruner: str = "median",
    prune_after: int = 3,
    as_json: bool = False,
) -> None:
    """Search, and print the best trials.

    Args:
        settings: What the trials have in common.
        space: File that says what is varied.
        folder: Where the search lies, or will.
        trials: Number of trials of all processes and starts together.
        monitor: `val_auc` or `val_loss`; by default what the last stage monitors.
        sampler: Name of what draws values.
        pruner: Name of what ends trials early.
        prune_after: Epochs that each trial has at least.
        as_json: Print all trials as JSON.
    """
    refuse_several("search")
    check_optuna()
    plan = Plan(
        space=read_space(space, settings),
        monitor=monitor or _monitor(settings),
        sampler=sampler,
        pruner=pruner,
        prune_after=prune_after,
    )
    training.check(settings)
    training.use_devices(settings)
    found = search(plan, folder, trials, RunTrainer(_load, console.say), console.say)
    console.say([f"{found.count(state)} {state}" for state in _states(found)])
    if as_json:
        console.out().print(json.dumps(found.to_dict()), soft_wrap=True)
        return
    console.out().print(table(found))
    if found.best is not None:
        console.say([f"settings of the best: {folder / BEST}"])


def _monitor(settings: Settings) -> str:
    stopping = settings.training[-1].early_stopping
    return stopping.monitor if stopping else "val_auc"


def _load(settings: Settings) -> Dataset:
    from trackdnn.data.dataset import load_dataset

    dataset = load_dataset(settings, progress=settings.local.progress, say=console.say)
    console.say(dataset.report.lines())
    # Only now, so that a fault in the files is told before TensorFlow has started.
    quiet.start_tensorflow(devices=False)
    return dataset


def _states(found: Results) -> list[str]:
    return sorted({row.state for row in found.rows})


def table(found: Results) -> Table:
    """The best trials, with what was drawn for each."""
    names = list(found.ranked[0].values) if found.ranked else []
    shown = Table(title="best trials", title_justify="left", box=None)
    for name in ("trial", found.monitor, "epochs", *names):
        shown.add_column(name, justify="right", no_wrap=True)
    for row in found.ranked[:SHOWN]:
        drawn = [in_words(row.values[name]) for name in names]
        shown.add_row(str(row.number), f"{row.value:.6f}", str(row.epochs), *drawn)
    return shown
