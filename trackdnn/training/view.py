"""Some units of a chunk in a row: a batch, a part of it, a lane of that, a share.

A unit is what cannot be split. Where each row is a sample, as with tracks, it is a row.
A graph is a unit with many rows, of nodes in one table and of edges in another; then
`offsets` say, for each column, where its units start. A column of indices counts the
rows of another column from the start of the chunk; in a view it counts them from the
start of the view, so that some graphs in a row are one graph without edges between.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class View:
    """Units `start` to `stop` of a chunk, of NumPy arrays or of tensors.

    Args:
        columns: Arrays by name.
        start: The first unit.
        stop: The one after the last.
        offsets: By column, an int32 array of shape `(units + 1,)`: rows
            `offsets[i]:offsets[i + 1]` belong to unit `i`. Where there is none, each
            row is a unit.
        refers: By column of indices, the column whose rows they count.
    """

    columns: Mapping[str, Any]
    start: Any
    stop: Any
    offsets: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    refers: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def between(self, start: Any, stop: Any) -> View:
        """Other units of the same chunk."""
        return dataclasses.replace(self, start=start, stop=stop)

    def share(self, index: Any, count: int) -> View:
        """One of `count` shares, whose sizes differ by one unit at most."""
        units = self.stop - self.start
        return self.between(
            self.start + units * index // count,
            self.start + units * (index + 1) // count,
        )

    def arrays(self) -> dict[str, Any]:
        """The columns' rows of these units, indices counted from the first of them."""
        return {name: self._rows(name) for name in self.columns}

    def alone(self) -> View:
        """The same units as a chunk of their own, without the rest."""
        offsets = {
            name: each[self.start : self.stop + 1] - each[self.start]
            for name, each in self.offsets.items()
        }
        units = self.stop - self.start
        return View(self.arrays(), units * 0, units, offsets, self.refers)

    def _rows(self, name: str) -> Any:
        column, offsets = self.columns[name], self.offsets.get(name)
        if offsets is None:
            return column[self.start : self.stop]
        rows = column[offsets[self.start] : offsets[self.stop]]
        if name in self.refers:
            rows = rows - self.offsets[self.refers[name]][self.start]
        return rows
