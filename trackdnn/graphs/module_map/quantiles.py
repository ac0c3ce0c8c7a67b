"""Ranges of many groups at once, with room for what few values have not shown."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Values = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ranges:
    """A range per group; each array has the shape `(groups,)`.

    Args:
        key: The group, ascending, int64.
        count: Values seen, int64.
        low: Start of the range, float64.
        high: End of the range, float64.
    """

    key: Ints
    count: Ints
    low: Values
    high: Values


def group_ranges(key: Ints, value: Values, *, tail: float, least: int) -> Ranges:
    """Ranges that hold all but a share `tail` of the values at each end.

    They are widened by `1 / sqrt(values)` of their width: the extremes of few values
    say little about those of many.

    Args:
        key: Group of each value, of shape `(values,)`.
        value: Of shape `(values,)`.
        tail: Share of the values beyond each end.
        least: Fewest values of a group that counts.
    """
    order = np.lexsort((value, key))
    key, value = key[order], value[order]
    groups, start, count = np.unique(key, return_index=True, return_counts=True)
    often = count >= least
    groups, start, count = groups[often], start[often], count[often]
    depth = np.floor(tail * count).astype(np.int64)
    low, high = value[start + depth], value[start + count - 1 - depth]
    pad = (high - low) / np.sqrt(count)
    return Ranges(key=groups, count=count, low=low - pad, high=high + pad)


def by_key(key: Ints, value: Values, size: int, other: float) -> Values:
    """Values of keys below `size`; `other` where there is none."""
    table = np.full(size, other)
    table[key] = value
    return table
