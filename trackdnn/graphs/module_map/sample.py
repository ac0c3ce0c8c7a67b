"""A bounded sample of rows that come in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Sample:
    """Keeps every row while there are few, and then a share that halves as they grow.

    Args:
        most: Rows to hold at most.
        random: Says which rows stay.
    """

    def __init__(self, most: int, random: np.random.Generator) -> None:
        self._most = most
        self._random = random
        self._parts: list[NDArray[np.float64]] = []
        self._size = 0
        self.share = 1.0

    def add(self, rows: NDArray[np.float64]) -> None:
        """Takes rows of shape `(rows, columns)`."""
        self._keep(rows, self.share)
        while self._size > self._most:
            self.share /= 2
            whole, self._parts, self._size = self.rows(), [], 0
            self._keep(whole, 0.5)

    def rows(self) -> NDArray[np.float64]:
        """The rows that stayed, in the order in which they came; none at first."""
        return np.concatenate(self._parts) if self._parts else np.zeros((0, 0))

    def _keep(self, rows: NDArray[np.float64], share: float) -> None:
        if share < 1.0:
            rows = rows[self._random.random(len(rows)) < share]
        self._parts.append(rows)
        self._size += len(rows)
