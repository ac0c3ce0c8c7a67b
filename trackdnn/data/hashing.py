"""Keys of events: equal on every machine, today and tomorrow.

The mixer is the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable
pseudorandom number generators", OOPSLA 2014), which maps 64 bits to 64 bits one to
one.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scrambles each of `values`, an array of shape `(n,)`, one to one."""
    mixed = values + _STEP
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)


def text_key(text: str) -> np.uint64:
    """64 bits that stand for a text."""
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def event_keys(text: str, *numbers: NDArray[np.integer]) -> NDArray[np.uint64]:
    """One key per event, from a text and one or more columns of whole numbers.

    Args:
        text: What all events share, such as the name of the sample.
        *numbers: Arrays of shape `(events,)`: run, luminosity section, event.

    Returns:
        UInt64 array of shape `(events,)`.
    """
    keys = np.full(len(numbers[0]), text_key(text), dtype=np.uint64)
    for column in numbers:
        keys = mix(keys ^ column.astype(np.uint64))
    return keys


def uniform(keys: NDArray[np.uint64], seed: int) -> NDArray[np.float64]:
    """A number in [0, 1) for each key, which depends on the key and the seed only."""
    start = mix(np.array([seed], dtype=np.uint64))
    return np.asarray((mix(keys ^ start) >> np.uint64(11)) * 2.0**-53)
