"""Progress of an evaluation: one bar on stderr, on a terminal only."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

Advance = Callable[[str, int, int], None]


@contextlib.contextmanager
def show_steps(*, progress: bool) -> Iterator[Advance]:
    """Give a function (step, done, total) that moves the bar.

    Args:
        progress: Whether a bar may be shown at all.
    """
    shown = progress and sys.stderr.isatty()
    bar = Progress(
        TextColumn("{task.description:<24}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not shown,
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=1)

        def advance(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total)

        yield advance
