"""How messages show what users wrote."""

from __future__ import annotations

from typing import Any


def short(value: Any, limit: int = 80) -> str:
    """A value as Python writes it, in one line of bounded length.

    Args:
        value: Anything, also what cannot be written.
        limit: Most letters.
    """
    try:
        text = repr(value)
    except Exception:
        # Numbers of thousands of digits, and objects of users' own.
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def first_line(error: BaseException) -> str:
    """The first line of an error's text, or its name if it has none."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def printable(name: str, limit: int = 200) -> str:
    """A name without letters that a terminal might obey."""
    text = name if name.isprintable() else repr(name)[1:-1]
    return text if len(text) <= limit else text[: limit - 1] + "…"
