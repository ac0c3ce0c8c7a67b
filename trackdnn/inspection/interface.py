"""What can be fed to a graph row by row, and how a table of numbers becomes that.

The track classifier has 29 features and, mostly, a category. Any other graph can be
asked too, if each of its inputs is a table of floats: one row per candidate, columns
that the file counts.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from trackdnn.data.features import CATEGORY_BRANCH, FEATURE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from export.artifacts import Tensor

MAX_COLUMNS = 256
_FLOATS = ("float32", "float64", "float16")
_BLOCK = 4096


class NotAskedError(ValueError):
    """A graph cannot be asked about its inputs, for the reason given."""


class Runtime(Protocol):
    """What runs a graph."""

    def fetch(
        self, tensors: Sequence[str], feed: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[Any]]:
        """Values of tensors for given inputs."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Interface:
    """The inputs of a graph as one table.

    Args:
        inputs: What is fed, in the order of the columns.
        outputs: Tensors that are the answer.
        names: Name of each column.
        batch: Rows that each call must have, or `None` for any number.
        classifier: Whether the columns are those of the track classifier.
    """

    inputs: tuple[Tensor, ...]
    outputs: tuple[str, ...]
    names: tuple[str, ...]
    batch: int | None
    classifier: bool

    def feed(self, rows: NDArray[np.floating]) -> dict[str, NDArray[Any]]:
        """The inputs of the graph from a table of shape `(rows, columns)`."""
        feed, start = {}, 0
        for tensor in self.inputs:
            inside = (tensor.shape or ())[1:]
            width = math.prod(inside)
            part = rows[:, start : start + width].reshape(len(rows), *inside)
            feed[tensor.name] = np.ascontiguousarray(part, tensor.dtype)
            start += width
        return feed


def find_interface(inputs: Sequence[Tensor], outputs: Sequence[str]) -> Interface:
    """How to feed a graph.

    Args:
        inputs: What it must be fed.
        outputs: What it gives.

    Raises:
        NotAskedError: With the input that stands in the way.
    """
    if not inputs or not outputs:
        raise NotAskedError(f"{len(inputs)} inputs and {len(outputs)} outputs")
    for tensor in inputs:
        _check(tensor)
    batches = {(tensor.shape or (-1,))[0] for tensor in inputs} - {-1}
    if len(batches) > 1:
        raise NotAskedError(f"its inputs ask for {sorted(batches)} rows at a time")
    ordered = sorted(inputs, key=_width, reverse=True)
    shapes = [tensor.shape[1:] for tensor in ordered if tensor.shape]
    classifier = shapes in ([(len(FEATURE_NAMES),)], [(len(FEATURE_NAMES),), (1,)])
    chosen = tuple(ordered if classifier else inputs)
    names = (*FEATURE_NAMES, CATEGORY_BRANCH)[: sum(map(_width, chosen))]
    if not classifier:
        names = tuple(name for tensor in chosen for name in _columns(tensor))
    if len(names) > MAX_COLUMNS:
        raise NotAskedError(f"it has {len(names):,} columns, more than {MAX_COLUMNS}")
    return Interface(
        inputs=chosen,
        outputs=tuple(outputs),
        names=names,
        batch=max(batches, default=None),
        classifier=classifier,
    )


def _check(tensor: Tensor) -> None:
    if tensor.dtype not in _FLOATS:
        raise NotAskedError(f"its input '{tensor.name}' is {tensor.dtype or 'untyped'}")
    shape = tensor.shape
    if shape is None:
        raise NotAskedError(f"its input '{tensor.name}' has no shape")
    if not shape:
        raise NotAskedError(f"its input '{tensor.name}' is a single number")
    if any(axis <= 0 for axis in shape[1:]):
        raise NotAskedError(
            f"its input '{tensor.name}' {list(shape)} varies in another axis than the "
            "first"
        )
    if shape[0] == 0 or shape[0] < -1:
        raise NotAskedError(f"its input '{tensor.name}' {list(shape)} has no rows")


def _width(tensor: Tensor) -> int:
    return math.prod((tensor.shape or ())[1:])


def _columns(tensor: Tensor) -> list[str]:
    """`x` for one column, else `x[0]`, `x[1]`, or `x[0,0]` for more axes."""
    if _width(tensor) == 1:
        return [tensor.name]
    axes = [range(axis) for axis in (tensor.shape or ())[1:]]
    return [
        f"{tensor.name}[{','.join(map(str, place))}]"
        for place in itertools.product(*axes)
    ]


class Evaluator:
    """Answers of a graph to tables of numbers.

    Args:
        interface: How it is fed.
        runtime: What runs it.
    """

    def __init__(self, interface: Interface, runtime: Runtime) -> None:
        self.interface = interface
        self._runtime = runtime

    def score(self, rows: NDArray[np.floating]) -> NDArray[np.floating]:
        """All outputs side by side, shape `(rows, numbers)`."""
        return self.values(self.interface.outputs, rows)

    def values(
        self, tensors: Sequence[str], rows: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        """Tensors of the graph side by side, shape `(rows, numbers)`.

        Raises:
            NotAskedError: If a tensor has not one row per row, or no numbers.
        """
        size = self.interface.batch or _BLOCK
        parts = [
            self._block(tensors, rows[start : start + size])
            for start in range(0, len(rows), size)
        ]
        return np.concatenate(parts)

    def _block(
        self, tensors: Sequence[str], rows: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        count = self.interface.batch or len(rows)
        # A fixed batch is filled up with its last row.
        filled = np.concatenate([rows, np.repeat(rows[-1:], count - len(rows), axis=0)])
        found = self._runtime.fetch(tensors, self.interface.feed(filled))
        columns = [
            _table(name, np.asarray(value), count)
            for name, value in zip(tensors, found, strict=True)
        ]
        return np.hstack(columns)[: len(rows)]


def _table(name: str, value: NDArray[Any], rows: int) -> NDArray[np.floating]:
    if value.dtype.kind not in "fiub":
        raise NotAskedError(f"'{name}' gives {value.dtype}, no numbers")
    if value.shape[:1] != (rows,):
        raise NotAskedError(
            f"'{name}' gives {list(value.shape)} for {rows} rows, not one row per row"
        )
    table = value.reshape(rows, -1)
    return table if table.dtype.kind == "f" else table.astype(np.float64)
