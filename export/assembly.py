"""A folder appears complete or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from typing import TYPE_CHECKING

from export.durable import sync
from export.errors import BundleError, ExportError
from export.manifest import FORMAT, MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def assembled(folder: Path, kind: str = FORMAT) -> Iterator[Path]:
    """A hidden sibling of `folder` to fill, renamed to `folder` when all went well.

    Args:
        folder: What to create. An empty folder and an earlier bundle are replaced, the
            latter only if it holds nothing but its own files.
        kind: The format of an earlier bundle that may be replaced.

    Yields:
        The folder to write into.

    Raises:
        BundleError: If `folder` exists and is neither empty nor a bundle.
        ExportError: If the disk refuses.
    """
    folder = folder.resolve()
    check_replaceable(folder, kind)
    workspace = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    try:
        shutil.rmtree(workspace, ignore_errors=True)
        workspace.mkdir(parents=True)
        yield workspace
        _sync(workspace)
        _move(workspace, folder)
    except OSError as error:
        raise ExportError(
            f"The bundle must be writable at {folder}. Received: {error}"
        ) from error
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def check_replaceable(folder: Path, kind: str = FORMAT) -> None:
    """Raise unless `folder` is free, empty, or an earlier bundle and nothing more.

    Args:
        folder: What is to be created.
        kind: As for `assembled`.

    Raises:
        BundleError: With what stands in the way.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BundleError(f"A bundle must be a folder. Received: the file {folder}")
    present = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.is_dir() or path.is_symlink()
    }
    if not present:
        return
    known = _files_of_bundle(folder, kind)
    if known is None:
        raise BundleError(
            f"{folder} must be empty or an earlier bundle to be replaced, and holds "
            f"other files ('{min(present)}'). Choose another folder"
        )
    strangers = present - known
    if strangers:
        raise BundleError(
            f"{folder} must hold nothing but its bundle to be replaced, and holds "
            f"'{min(strangers)}'. Move that away or choose another folder"
        )


def _files_of_bundle(folder: Path, kind: str) -> set[str] | None:
    """The files of the bundle in `folder`, or `None` if there is no bundle."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("format") != kind:
        return None
    files = manifest.get("files")
    return {MANIFEST, *(files if isinstance(files, dict) else ())}


def _sync(folder: Path) -> None:
    """Bring files and names to the disk before the rename does."""
    for path in (*folder.rglob("*"), folder):
        sync(path)


def _move(workspace: Path, folder: Path) -> None:
    """Rename `workspace` to `folder`; what was there comes back if that fails."""
    earlier = folder.with_name(f".{folder.name}.replaced-{os.getpid()}")
    shutil.rmtree(earlier, ignore_errors=True)
    if folder.exists():
        folder.rename(earlier)
    try:
        workspace.rename(folder)
    except OSError:
        if earlier.exists():
            earlier.rename(folder)
        raise
    shutil.rmtree(earlier, ignore_errors=True)
