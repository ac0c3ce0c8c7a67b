"""What `inspect` found, for people and for programs."""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True, kw_only=True)
class Explanation:
    """What a path holds.

    Args:
        kind: `"run"`, `"bundle"`, `"ROOT file"`, `"ONNX file"` or `"frozen graph"`.
        path: The path.
        lines: A few lines for people, the first of which names kind and path.
        content: The same as plain values.
    """

    kind: str
    path: str
    lines: tuple[str, ...]
    content: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Kind, path and content as plain values."""
        return {"kind": self.kind, "path": self.path, **self.content}


def explanation(
    kind: str, path: object, lines: list[str], content: dict[str, Any]
) -> Explanation:
    """An `Explanation` whose first line names kind and path."""
    return Explanation(
        kind=kind,
        path=str(path),
        lines=(f"{kind}: {path}", *lines),
        content=content,
    )
