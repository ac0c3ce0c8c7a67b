"""The probe of a bundle in a form that C++ reads without a library.

    8 bytes     the text CMSPROBE
    2 x uint32  rows n, features w
    float32     n x w features row by row, n categories, n probabilities

All of it little-endian.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

MAGIC = b"CMSPROBE"


def pack_probe(probe: Mapping[str, Any]) -> bytes:
    """The bytes of the file.

    Args:
        probe: float32 `features` (rows, width), `category` and `score` (rows, 1), as
            `export.verify.read_probe` gives them.
    """
    rows, width = probe["features"].shape
    parts = [np.array([rows, width], "<u4").tobytes()]
    for name in ("features", "category", "score"):
        parts.append(np.ascontiguousarray(probe[name], "<f4").tobytes())
    return MAGIC + b"".join(parts)
