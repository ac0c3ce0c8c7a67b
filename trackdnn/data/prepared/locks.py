"""One job at a time on one dataset."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.data.prepared.atomic import write_errors
from trackdnn.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TAKEN = {errno.EWOULDBLOCK, errno.EACCES}
_PATIENCE = 0.2


@contextlib.contextmanager
def locked(
    path: Path,
    what: Path,
    *,
    name: str = "Dataset",
    wait: bool = False,
    on_wait: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Keeps other jobs away from what a file stands for.

    The lock is the kernel's, on an open file, so it ends with the process however that
    ends, and a lock of a dead process never stands in the way. Where a file system
    knows no locks, there is none.

    Args:
        path: The file; there only while somebody holds it. Its folder is made.
        what: What it stands for, for the message.
        name: What to call that.
        wait: Whether to wait for the other job, rather than give up.
        on_wait: Is called once, before it waits.

    Raises:
        DatasetError: If another job holds it.
        OutputError: If the file cannot be made.
    """
    told = False
    while (descriptor := _take(path)) is None:
        if not wait:
            raise DatasetError(
                f"{name} '{what}' must be prepared by one job at a time. Received: a "
                f"lock of {_owner(path)}. Wait until that job has ended, or stop it."
            )
        if not told:
            on_wait()
            told = True
        time.sleep(_PATIENCE)
    try:
        yield
    finally:
        # Removed before it is given back: nobody else can hold this file then.
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _take(path: Path) -> int | None:
    """The lock's open file, or `None` while somebody else holds it."""
    with write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            os.close(descriptor)
            return None
    if not _is_current(path, descriptor):
        os.close(descriptor)
        return _take(path)
    with write_errors(path):
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {socket.gethostname()}\n".encode(), 0)
    return descriptor


def _is_current(path: Path, descriptor: int) -> bool:
    """Whether the locked file still has its name; its last owner removes it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _owner(path: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        pid, host = path.read_text().split()
        return f"process {pid} on {host}"
    return "another process"
