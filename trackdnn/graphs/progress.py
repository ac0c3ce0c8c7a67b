"""A progress bar over events, on stderr, where people look at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

One = TypeVar("One")


def watched(
    events: Iterable[One],
    *,
    enabled: bool,
    what: str,
    total: int | None = None,
    done: int = 0,
) -> Iterator[One]:
    """The same events; how many of them have gone by is shown.

    Args:
        events: Events, or what is made of them one by one.
        enabled: Whether a bar is wanted; it shows only if stderr is a terminal.
        what: What is done with them.
        total: How many there are, where that is known.
        done: How many have gone by before.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("events"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    shown = enabled and console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("", total=total, completed=done)
        for event in events:
            yield event
            bar.advance(task)
