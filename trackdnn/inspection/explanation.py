"""What `inspect` found, for people and for programs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trackdnn.inspection.responses import Responses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Grid:
    """A table for people.

    Args:
        title: What it shows, with what a reader must know of its columns.
        heads: Titles of the columns.
        rows: Their cells; the first of each row is a name, the others are figures.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Explanation:
    """What a path holds.

    Args:
        kind: `"run"`, `"bundle"`, `"ROOT file"`, `"ONNX file"`, `"frozen graph"` or
            `"SavedModel"`.
        path: The path.
        lines: A few lines for people, the first of which names kind and path.
        content: The same as plain values, and more.
        grids: Tables for people.
        responses: What a picture is drawn of, for a graph that was asked.
    """

    kind: str
    path: str
    lines: tuple[str, ...]
    content: dict[str, Any]
    grids: tuple[Grid, ...] = ()
    responses: Responses | None = None

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
