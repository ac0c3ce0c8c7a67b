"""How much memory a process has held."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def peak_memory(*, workers: bool = False) -> float:
    """Most memory that this process has held so far, in MB (1e6 bytes).

    Args:
        workers: Whether to look at processes that this one has started, too, as far as
            they have ended; the greatest of all counts.
    """
    peak = _own()
    return max(peak, _used(resource.RUSAGE_CHILDREN)) if workers else peak


def _own() -> float:
    try:
        # Unlike `getrusage`, not inherited from the process that started this one.
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    except (OSError, ValueError):
        pass
    return _used(resource.RUSAGE_SELF)


def _used(who: int) -> float:
    # Linux counts in kB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(who).ru_maxrss * unit / 1e6
