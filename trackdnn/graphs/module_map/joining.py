"""Doublets that share a hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Rows = NDArray[np.int64]


def spread(low: NDArray[np.integer], high: NDArray[np.integer]) -> tuple[Rows, Rows]:
    """All numbers of ranges, and the range of each.

    Args:
        low: First number of each range, of shape `(ranges,)`.
        high: One after the last; a range with `high <= low` is empty.

    Returns:
        The range of each number, and the numbers.
    """
    counts = np.maximum(high - low, 0)
    before = np.cumsum(counts) - counts
    which = np.repeat(np.arange(len(counts)), counts)
    return which, np.arange(len(which)) + np.repeat(low - before, counts)


def pieces(counts: NDArray[np.integer], most: int) -> Iterator[slice]:
    """Parts of ranges in a row with about `most` numbers together, at least one range.

    Args:
        counts: Numbers in each range, of shape `(ranges,)`.
        most: Numbers at a time, which bounds memory.
    """
    total = np.cumsum(counts)
    start = 0
    while start < len(counts):
        before = total[start - 1] if start else 0
        stop = int(np.searchsorted(total, before + most, side="right"))
        stop = max(stop, start + 1)
        yield slice(start, stop)
        start = stop


def chained(pairs: NDArray[np.integer]) -> tuple[Rows, Rows]:
    """Pairs of doublets of which the second starts where the first ends.

    Args:
        pairs: Rows of hits, of shape `(2, doublets)`, in any order.

    Returns:
        Rows of first and second doublets.
    """
    order = np.argsort(pairs[0], kind="stable")
    starts = pairs[0][order]
    low = np.searchsorted(starts, pairs[1], side="left")
    high = np.searchsorted(starts, pairs[1], side="right")
    first, second = spread(low, high)
    return first, order[second]
