"""What cannot be done as it was asked for, refused before time is spent on it."""

from __future__ import annotations

import dataclasses
import tempfile
from typing import TYPE_CHECKING, get_args

from trackdnn.configuration import settle
from trackdnn.data.prepared.atomic import write_errors
from trackdnn.errors import InputError, SettingsError
from trackdnn.settings.finding import FindingSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trackdnn.events.source import EventSource
    from trackdnn.tracking.pipeline.finder import Finder

_BUILDERS = get_args(FindingSettings.model_fields["builder"].annotation)
# What a finder does after the last thing that it has learnt.
_AFTER = ("joining", "selection")
_OF_THEM = tuple(f"{part}.{name}" for part in _AFTER for name in ("enabled", "cut"))
FREE = ("builder", *_BUILDERS, *_OF_THEM, "judgement")


def check_once(sources: Sequence[EventSource]) -> None:
    """Refuses an event that is named twice: sums would count it twice.

    Raises:
        InputError: If two sources have the same name and the same files.
    """
    seen = set()
    for source in sources:
        files = tuple(path.resolve() for path in source.files)
        if (source.name, files) in seen:
            place = f", of '{files[0].parent}'" if files else ""
            raise InputError(
                f"Each event must be named once. Received: '{source.name}'{place}, "
                "twice. Leave one of them out."
            )
        seen.add((source.name, files))


def check_overrides(texts: Sequence[str], allowed: Sequence[str], why: str) -> None:
    """Refuses overrides below `finding` that would change nothing.

    Args:
        texts: As `a.b=c`.
        allowed: Blocks and names below `finding` that may change, `block.name` for one
            name of a block.
        why: What the others are, as the end of a sentence.

    Raises:
        SettingsError: If there is another one.
    """
    for text in texts:
        path = _path(text)
        free = any(".".join(path[1:end]) in allowed for end in (2, 3))
        if path[0] == "finding" and not free:
            raise SettingsError(
                f"--set below finding may change {', '.join(allowed)} here; {why}. "
                f"Received: {text}. Leave it out."
            )


def of_builder(texts: Sequence[str]) -> tuple[str, ...]:
    """The overrides that say how a finder builds, joins and selects tracks."""
    names = ("builder", *_BUILDERS, *_AFTER)
    paths = [(text, _path(text)) for text in texts]
    return tuple(
        text
        for text, path in paths
        if path[0] == "finding" and len(path) > 1 and path[1] in names
    )


def with_builder(finder: Finder, texts: Sequence[str]) -> Finder:
    """A finder with other settings of its builder; all that it has learnt stays.

    Args:
        finder: Trained; cuts that the overrides do not name stay as they were chosen.
        texts: Of `of_builder`.

    Raises:
        SettingsError: If an override is not valid.
    """
    if not texts:
        return finder
    content = {"finding": finder.settings.model_dump(mode="json")}
    return dataclasses.replace(finder, settings=settle(content, texts).finding)


def check_folder(folder: Path) -> None:
    """Refuses a folder that cannot be made or written; leaves nothing behind.

    Raises:
        OutputError: If it cannot.
    """
    with write_errors(folder):
        there = folder.absolute()
        while not (there.exists() or there.is_symlink()):
            there = there.parent
        if not there.is_dir():
            raise NotADirectoryError(0, f"'{there}' is no folder")
        # Rights alone do not tell of a disk that can only be read.
        tempfile.TemporaryFile(dir=there).close()


def check_file(path: Path) -> None:
    """Refuses a file that could not be written; leaves nothing behind.

    Raises:
        OutputError: If its folder cannot be made or written, or it is a folder.
    """
    check_folder(path.parent)
    with write_errors(path):
        if path.is_dir():
            raise IsADirectoryError(0, "a folder")


def _path(text: str) -> list[str]:
    return text.partition("=")[0].strip().split(".")
