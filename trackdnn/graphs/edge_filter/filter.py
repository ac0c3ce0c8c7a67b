"""The edge filter: a score for each edge, and the worst edges gone."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.data.prepared.executors import free_cores
from trackdnn.errors import BadFileError
from trackdnn.graphs.edge_filter.context import CONTEXT, Context
from trackdnn.graphs.edge_filter.features import FEATURES, edge_features
from trackdnn.graphs.edge_filter.trees import Trees, trees_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Self

    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph

    Float = NDArray[np.float32]
    Rows = slice | NDArray[np.int64]
    Features = Callable[[Event, Graph], Callable[[Rows], Float]]

FILE, FIRST, SECOND = "filter.json", "first.onnx", "second.onnx"
FORMAT = "trackdnn edge filter 1"
# Edges whose features a thread has in memory at a time.
_PIECE = 1 << 15


class EdgeFilter:
    """Scores of edges from boosted trees, in one pass or two.

    The first pass sees each edge alone. What it leaves is seen again by the second,
    together with the edges that go on from either end.

    Args:
        cut: Score that an edge must have to stay, after each pass.
        first: ONNX graph of the first pass.
        second: Of the second pass, `None` for none.
        threads: Threads to use; 0 for one per core.

    Raises:
        ValueError: If a graph is none of `trees.onnx_of` for these features.
    """

    def __init__(
        self, cut: float, first: bytes, second: bytes | None, *, threads: int = 0
    ) -> None:
        self.cut = cut
        self._content = {FIRST: first, SECOND: second}
        self._threads = threads or free_cores()
        self._first = trees_of(first, len(FEATURES))
        features = len(FEATURES) + len(CONTEXT)
        self._second = trees_of(second, features) if second else None

    def apply(self, event: Event, graph: Graph) -> Graph:
        """The edges that are good enough, with scores; truth is not looked at."""
        graph = self.first_pass(event, graph)
        if not self._second:
            return graph
        return self._pass(self._second, second_features, event, graph)

    def first_pass(self, event: Event, graph: Graph) -> Graph:
        """What the first pass leaves; its scores are what the second one reads."""
        return self._pass(self._first, first_features, event, graph)

    def _pass(
        self, trees: Trees, features: Features, event: Event, graph: Graph
    ) -> Graph:
        score = np.empty(len(graph), dtype=np.float32)
        of = features(event, graph)

        def fill(start: int) -> None:
            rows = slice(start, min(start + _PIECE, len(graph)))
            score[rows] = trees.score(of(rows))

        with ThreadPoolExecutor(self._threads) as pool:
            # The list is what raises the error of a thread.
            list(pool.map(fill, range(0, len(graph), _PIECE)))
        return graph.scored(score).take(score > self.cut)

    def save(self, folder: Path) -> None:
        """Writes into an existing, empty folder."""
        for name, content in self._content.items():
            if content is not None:
                write_bytes(folder / name, content)
        text = {
            "format": FORMAT,
            "cut": self.cut,
            "passes": 2 if self._second else 1,
        }
        write_bytes(folder / FILE, json.dumps(text, indent=2).encode() + b"\n")

    @classmethod
    def load(cls, folder: Path, *, threads: int = 0) -> Self:
        """Reads what `save` has written.

        Raises:
            BadFileError: If a file is missing or damaged.
        """
        content = _described(folder / FILE)
        first = _read(folder / FIRST)
        second = _read(folder / SECOND) if content["passes"] == 2 else None
        try:
            return cls(content["cut"], first, second, threads=threads)
        except ValueError as error:
            raise BadFileError(
                f"'{folder}' must hold boosted trees of an edge filter. Received: "
                f"{error}. Train the finder again."
            ) from error


def first_features(event: Event, graph: Graph) -> Callable[[Rows], Float]:
    """A function of rows: their features in the first pass."""
    return lambda rows: edge_features(event, graph, rows)


def second_features(event: Event, graph: Graph) -> Callable[[Rows], Float]:
    """A function of rows: their features in the second pass."""
    context = Context(event, graph)
    return lambda rows: np.concatenate(
        [edge_features(event, graph, rows), context.features(rows)], axis=1
    )


def _described(path: Path) -> dict[str, Any]:
    text = _read(path)
    try:
        content = json.loads(text)
        good = content["format"] == FORMAT and content["passes"] in (1, 2)
        good = good and 0 < float(content["cut"]) < 1
    except (ValueError, TypeError, KeyError):
        good = False
    if not good:
        raise BadFileError(
            f"'{path}' must describe an edge filter of the format '{FORMAT}'. "
            "Received: something else. Train the finder again."
        )
    described: dict[str, Any] = content
    return described


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadFileError(
            f"An edge filter must have the file '{path}'. Received: {error.strerror}. "
            "Train the finder again."
        ) from error
