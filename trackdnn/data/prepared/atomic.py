"""Files that are either there in full or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
from pathlib import Path
from typing import IO, TYPE_CHECKING

from trackdnn.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

# What marks a file as unfinished; such files may be removed at any time.
UNFINISHED = ".unfinished"
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_PIECE = 1 << 20


@contextlib.contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Turns a failure to write below `path` into one `OutputError`."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(_sentence(path, error)) from error


@contextlib.contextmanager
def open_new(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes its name only when all of it is on disk.

    Args:
        path: Its final name; the folder is made if missing.

    Raises:
        OutputError: If it cannot be written; nothing is left then.
    """
    # A task that a cluster runs twice must not share its file with its other self.
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}{UNFINISHED}")
    with write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise


def write_bytes(path: Path, content: bytes) -> str:
    """Writes a whole file; gives its SHA-256."""
    with open_new(path) as stream:
        stream.write(content)
    return hashlib.sha256(content).hexdigest()


def sync_folder(folder: Path) -> None:
    """Makes a rename in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def checksum(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _sentence(path: Path, error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    if error.errno not in _NO_SPACE:
        return (
            f"'{path}' must be writable. Received: {reason}. Check its folder and its "
            "permissions, or name another one."
        )
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    free = shutil.disk_usage(folder).free / 1e9
    return (
        f"'{path}' must fit on its disk. Received: {reason}, {free:.1f} GB free. Make "
        "room or name another folder, and give the same command again."
    )
