"""Random numbers from (seed, purpose), so that no step disturbs another."""

from __future__ import annotations

import zlib

import numpy as np


def generator(seed: int, purpose: str) -> np.random.Generator:
    """A generator of its own for one purpose.

    Args:
        seed: Seed of the run.
        purpose: What the numbers are for, such as `"bootstrap"`.
    """
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])
