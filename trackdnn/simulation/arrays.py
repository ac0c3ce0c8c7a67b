"""Names for the array types of this package."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]
# 64-bit geometry identifiers of ACTS.
Identifier = NDArray[np.uint64]
# Branch name to values.
Columns = dict[str, NDArray[Any]]
