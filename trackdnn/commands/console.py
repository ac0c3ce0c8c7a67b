"""Where commands write: data to stdout, messages to stderr."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from trackdnn.commands.visible import visible

if TYPE_CHECKING:
    from rich.text import Text


class _Console(Console):
    """Strings, those in tables too, are shown as they are."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)


def out() -> Console:
    """Data for people or programs; not wrapped when it is no terminal."""
    console = _Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = _Console(highlight=False, markup=False, emoji=False, width=160)
    return console


def messages() -> Console:
    """Progress and remarks."""
    return _Console(stderr=True, highlight=False, markup=False, emoji=False)


def say(lines: Iterable[str]) -> None:
    """Print remarks to stderr."""
    console = messages()
    for line in lines:
        console.print(line, soft_wrap=True)


def facts(title: str, rows: Mapping[str, str]) -> Table:
    """A table of two columns."""
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    for key, value in rows.items():
        table.add_row(key, value)
    return table
