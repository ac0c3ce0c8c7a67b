"""A process of its own that tells Weights & Biases of a run, so that nothing can harm.

It reads `history.jsonl`, and sends the epochs that `tracker.json` does not count yet.
The training only says when to look, and how it has ended: one word per line.

    python -m trackdnn.training.trackers.wandb_process RUN '{"project": "trackdnn"}'
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from trackdnn.configuration import read_content
from trackdnn.data.prepared.locks import locked
from trackdnn.training.history import read_history
from trackdnn.training.run import SETTINGS, SUMMARY
from trackdnn.training.trackers.record import LOCK, WANDB, Record, record_of
from trackdnn.training.trackers.tracker import named_values

LOOK = "epoch"
# Exit codes of a run there. A training that died says nothing, and has failed.
CODES = {"complete": 0, "stopped": 85, "failed": 1}
# Seconds for the network to answer at the start, and to take all at the end.
STARTING, ENDING = 120, 600
# Where files lie says nothing of a training, and is nobody else's business.
_PLACES = ("prepared", "samples", "test_samples")

Init = Callable[..., Any]


def follow(
    folder: Path,
    options: dict[str, Any],
    orders: Iterable[str],
    init: Init,
    limit: Callable[[int], Any] = lambda seconds: None,
) -> None:
    """Tells of a run until its training has ended.

    Args:
        folder: The run folder.
        options: `local.wandb`, without what is not given.
        orders: Lines: `epoch` to look at the history, or how the training has ended.
        init: `wandb.init`, or what stands for it.
        limit: Sets after how many seconds this process is killed, 0 for never.

    Raises:
        Exception: Whatever fails; the training goes on.
    """
    # The process of an earlier start may still be sending.
    with locked(folder / LOCK, folder, wait=True):
        record = record_of(folder, WANDB, options.get("id"))
        chosen = {"name": folder.resolve().name, **options, "id": record.id}
        run = init(**chosen, resume="allow", config=config_of(folder))
        limit(0)
        status = "failed"
        for order in map(str.strip, orders):
            if order in CODES:
                status = order
            record = _send(folder, record, run)
        limit(ENDING)
        _finish(folder, run, status)


def config_of(folder: Path) -> dict[str, Any]:
    """The settings of a run without `local`, and without where its files lie."""
    content = read_content(folder / SETTINGS)
    content.pop("local", None)
    if isinstance(data := content.get("data"), dict):
        content["data"] = {
            name: value for name, value in data.items() if name not in _PLACES
        }
    plain: dict[str, Any] = json.loads(json.dumps(content))
    return plain


def start_wandb(folder: Path) -> Init:
    """`wandb.init` with settings that leave a training in peace.

    Args:
        folder: The run folder; what is written goes to `wandb` below it.
    """
    # Before the import: it takes its folders, and whom it reports errors to, from here.
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    for name in ("WANDB_CACHE_DIR", "WANDB_DATA_DIR"):
        os.environ.setdefault(name, str(folder / WANDB / "cache"))
    import wandb

    settings = wandb.Settings(
        root_dir=str(folder),
        console="off",
        silent=True,
        disable_code=True,
        disable_git=True,
        init_timeout=STARTING / 2,
        finish_timeout=ENDING / 2,
        # The training is what there is to measure.
        x_stats_pid=os.getppid(),
    )

    def init(**arguments: Any) -> Any:
        return wandb.init(settings=settings, **arguments)

    return init


def _send(folder: Path, record: Record, run: Any) -> Record:
    rows = read_history(folder)
    for number, row in enumerate(rows[record.rows :], start=record.rows + 1):
        # Counted first: an epoch may be missing there, but is never there twice.
        record = dataclasses.replace(record, rows=number)
        record.write(folder)
        run.log(named_values(row), step=number)
    return record


def _finish(folder: Path, run: Any, status: str) -> None:
    if status == "complete":
        summary = json.loads((folder / SUMMARY).read_text("utf-8"))
        run.summary.update(
            {name: one for name, one in summary.items() if not isinstance(one, dict)}
        )
    if status == "stopped":
        run.mark_preempting()
    run.finish(exit_code=CODES[status])


def main(arguments: list[str]) -> int:
    """Follows a run by what comes on stdin."""
    # The training decides when to end; a batch system tells all processes.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    os.nice(10)
    # The kernel ends a process that the network keeps waiting.
    signal.alarm(STARTING)
    folder, options = Path(arguments[0]), json.loads(arguments[1])
    try:
        follow(folder, options, sys.stdin, start_wandb(folder), signal.alarm)
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
