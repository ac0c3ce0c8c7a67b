"""Paths that a manifest may name: those below its own folder."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pydantic import AfterValidator

if TYPE_CHECKING:
    from collections.abc import Callable


def below(folder: str) -> AfterValidator:
    """For a field of a model: refuses a path that leads out of a folder.

    Args:
        folder: What the folder is called in the message.
    """
    return AfterValidator(_check(folder))


def _check(folder: str) -> Callable[[str], str]:
    def check(path: str) -> str:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts:
            raise ValueError(f"must be below {folder}. Received: {path!r}")
        return path

    return check
