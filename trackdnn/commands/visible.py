"""What a file says is shown, and cannot steer the terminal that shows it."""

from __future__ import annotations


def visible(text: str) -> str:
    """A text in which every character can be seen; line breaks and tabs stay.

    Names in a foreign file may hold codes that clear a terminal, set its title or turn
    the direction of writing.
    """
    if text.isprintable():
        return text
    kept = "\n\t"
    return "".join(c if c.isprintable() or c in kept else ascii(c)[1:-1] for c in text)
