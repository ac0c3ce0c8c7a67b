"""The progress of a training: a bar on a terminal, log messages elsewhere."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackdnn.training.history import Epoch

log = logging.getLogger(__name__)


class TrainingProgress:
    """Says how far a training has come.

    Args:
        bar: Progress bar of all epochs, disabled where nobody looks.
        epochs: Number of epochs, at most.
        tracks: Number of training tracks.
    """

    def __init__(self, bar: Progress, epochs: int, tracks: int) -> None:
        self._bar = bar
        self._epochs = epochs
        self._task = bar.add_task("", total=epochs * tracks, epoch=1, text="")

    def advance(self, tracks: int, loss: float) -> None:
        """Some steps are done."""
        self._bar.update(self._task, advance=tracks)
        speed = self._bar.tasks[0].speed
        rate = f" · {speed:,.0f} tracks/s" if speed else ""
        self._bar.update(self._task, text=f"loss {loss:.4f}{rate}")

    def finish_epoch(self, row: Epoch) -> None:
        """An epoch is done."""
        self._bar.update(self._task, epoch=min(row.epoch + 1, self._epochs))
        line = row.line(self._epochs)
        if self._bar.disable:
            log.info(line)
        else:
            self._bar.console.print(line, soft_wrap=True)


@contextlib.contextmanager
def training_progress(
    epochs: int, tracks: int, *, enabled: bool
) -> Iterator[TrainingProgress]:
    """Shows the progress on stderr, if it is a terminal.

    Args:
        epochs: Number of epochs, at most.
        tracks: Number of training tracks.
        enabled: Whether a bar is wanted.

    Yields:
        What to tell of each step and epoch.
    """
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    columns = (
        TextColumn("epoch {task.fields[epoch]}/" + str(epochs)),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}% · {task.fields[text]}"),
        TimeRemainingColumn(),
    )
    shown = enabled and console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        yield TrainingProgress(bar, epochs, tracks)
