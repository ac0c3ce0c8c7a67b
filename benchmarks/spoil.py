"""Changes to the files of a folder, each a function of the folder."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Change = Callable[[Path], None]


def replace(file: str, old: str, new: str) -> Change:
    """Changes the first place where a text stands."""

    def change(folder: Path) -> None:
        text = (folder / file).read_text()
        if old not in text:
            raise ValueError(f"{file} must have {old!r} to be spoilt")
        (folder / file).write_text(text.replace(old, new, 1))

    return change


def everywhere(file: str, old: str, new: str) -> Change:
    """Changes every place where a text stands."""

    def change(folder: Path) -> None:
        path = folder / file
        path.write_text(path.read_text().replace(old, new))

    return change


def bytes_of(file: str, content: Callable[[bytes], bytes], to: str = "") -> Change:
    """Changes the bytes of a file, and its name if `to` is given."""

    def change(folder: Path) -> None:
        old = (folder / file).read_bytes()
        (folder / file).unlink()
        (folder / (to or file)).write_bytes(content(old))

    return change


def append(file: str, line: str) -> Change:
    """Adds a line at the end."""
    return bytes_of(file, lambda old: old + line.encode() + b"\n")


def without(*files: str) -> Change:
    """Takes files away."""

    def change(folder: Path) -> None:
        for file in files:
            (folder / file).unlink()

    return change


def copy(file: str, to: str) -> Change:
    """Puts a second file beside one."""

    def change(folder: Path) -> None:
        content = (folder / file).read_bytes()
        zipped = to.endswith(".gz")
        (folder / to).write_bytes(gzip.compress(content) if zipped else content)

    return change


def nothing(_: Path) -> None:
    """Leaves the event whole."""


def as_folder(file: str) -> Change:
    """Puts a folder in the place of a file."""

    def change(folder: Path) -> None:
        (folder / file).unlink()
        (folder / file).mkdir()

    return change


def cut(count: int) -> Callable[[bytes], bytes]:
    """Takes bytes off the end."""
    return lambda old: old[:-count]


def flipped(old: bytes) -> bytes:
    """Compresses, and damages a byte in the middle."""
    zipped = bytearray(gzip.compress(old))
    zipped[len(zipped) // 2] ^= 0xFF
    return bytes(zipped)


def header_of(old: bytes) -> bytes:
    """The first line alone."""
    return old.split(b"\n")[0] + b"\n"
