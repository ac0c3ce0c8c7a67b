"""Text of others in Markdown of ours: it stays text."""

from __future__ import annotations

import re

_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def escaped(text: str) -> str:
    """A text that makes no tag, link, cell or line of its own in Markdown.

    Args:
        text: Any text, such as the name of a sample.

    Returns:
        One line that reads the same; a lone `<` stays as it is.
    """
    one_line = " ".join(text.splitlines())
    return _TAG.sub("&lt;", one_line).replace("|", "\\|").replace("](", "]\\(")
