"""A progress bar over files, on stderr, where people look at a terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

Advance = Callable[[Path, float, int], None]
Done = Callable[[int, int], None]


@contextlib.contextmanager
def reading_progress(paths: Sequence[Path], *, enabled: bool) -> Iterator[Advance]:
    """Shows how much of the files has been read.

    Args:
        paths: The files.
        enabled: Whether a bar is wanted; it shows only if stderr is a terminal.

    Yields:
        A function of a file, the fraction of it that was read since the last call, and
        the number of tracks in hand.
    """
    console = Console(stderr=True)
    sizes = {path: path.stat().st_size if path.exists() else 0 for path in paths}
    columns = (
        TextColumn("reading {task.fields[name]}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}% · {task.fields[tracks]:,} tracks"),
        TimeRemainingColumn(),
    )
    shown = enabled and console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("", total=sum(sizes.values()), name="", tracks=0)

        def advance(path: Path, fraction: float, tracks: int) -> None:
            step = fraction * sizes[path]
            bar.update(task, advance=step, name=path.name, tracks=tracks)

        yield advance


@contextlib.contextmanager
def preparing_progress(
    total: int, *, enabled: bool, what: str = "preparing", things: str = "tracks"
) -> Iterator[Done]:
    """Shows how much of the files has been prepared, or otherwise gone through.

    Args:
        total: Bytes to read.
        enabled: Whether a bar is wanted; it shows only if stderr is a terminal.
        what: What is done with them.
        things: What is counted in them.

    Yields:
        A function of the bytes and the tracks (or other things) of a file that is
        done.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn(what),
        BarColumn(),
        DownloadColumn(),
        TextColumn("· {task.fields[tracks]:,} {task.fields[things]}"),
        TimeRemainingColumn(),
    )
    shown = enabled and console.is_terminal and total > 0
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("", total=total, tracks=0, things=things)
        sums = {"tracks": 0}

        def done(size: int, tracks: int) -> None:
            sums["tracks"] += tracks
            bar.update(task, advance=size, tracks=sums["tracks"])

        yield done
