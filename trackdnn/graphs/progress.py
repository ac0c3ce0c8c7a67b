"""A progress bar over events, on stderr, where people look at a terminal."""

from __future__ import annotations

import contextlib
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
    from collections.abc import Callable, Generator, Iterable, Iterator

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
    with _bar(what, "events", total, enabled, done) as step:
        for event in events:
            yield event
            step()


@contextlib.contextmanager
def stepping(
    what: str, total: int, *, enabled: bool
) -> Generator[Callable[[], None], None, None]:
    """A bar around work that is no loop; what it gives is called after each step.

    Args:
        what: What is done.
        total: How many steps there are.
        enabled: As of `watched`.
    """
    with _bar(what, "steps", total, enabled) as step:
        yield step


@contextlib.contextmanager
def _bar(
    what: str, of: str, total: int | None, enabled: bool, done: int = 0
) -> Generator[Callable[[], None], None, None]:
    console = Console(stderr=True)
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(of),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    shown = enabled and console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("", total=total, completed=done)
        yield lambda: bar.advance(task)
