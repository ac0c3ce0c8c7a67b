"""Scores edges with a trained network; ONNX Runtime alone, no TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from trackdnn.errors import BadFileError
from trackdnn.graphs.edge_network import files
from trackdnn.graphs.edge_network.columns import (
    edge_columns,
    graph_columns,
    node_columns,
)
from trackdnn.graphs.onnx_session import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph

# Edges at a time, where each is scored for itself.
_PIECE = 200_000


class EdgeNetwork:
    """A trained network of edges.

    Args:
        description: What it is.
        content: The ONNX graph, as `export.graph_network` writes it.
        threads: Threads to use; 0 for one per core.

    Raises:
        ValueError: If the graph is none of this kind.
    """

    def __init__(
        self, description: files.Description, content: bytes, *, threads: int = 0
    ) -> None:
        self.description = description
        # Edges with a lower score are left out.
        self.cut = description.settings.cut
        self._session = open_session(content, threads)
        names = {one.name for one in self._session.get_inputs()}
        if names != {"nodes", "edge_index", "edge_features"}:
            raise ValueError(f"inputs {sorted(names)}")
        self._outputs = [one.name for one in self._session.get_outputs()]

    def apply(self, event: Event, graph: Graph) -> Graph:
        """The edges that are good enough, with scores; truth is not looked at.

        A network that was trained with masks also gives the state of each hit.
        """
        nodes = node_columns(event, self.description.node_features)
        if len(graph) == 0 and not self.description.masks:
            return graph.scored(np.zeros(0, np.float32))
        if self.description.alone:
            score = self._in_pieces(event, graph, nodes)
            return graph.scored(score).take(score > self.cut)
        found = self._run(nodes, graph.edges, graph_columns(event, graph))
        score = found["score"][:, 0]
        graph = graph.scored(score).take(score > self.cut)
        if self.description.masks:
            graph = graph.with_state(found["hit_features"])
        return graph

    def _in_pieces(
        self, event: Event, graph: Graph, nodes: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Scores of a network that looks at each edge alone, in bounded memory."""
        score = np.empty(len(graph), np.float32)
        for start in range(0, len(graph), _PIECE):
            rows = slice(start, start + _PIECE)
            columns = edge_columns(event, graph, rows)
            score[rows] = self._run(nodes, graph.edges[:, rows], columns)["score"][:, 0]
        return score

    def _run(
        self,
        nodes: NDArray[np.float32],
        edges: NDArray[np.int32],
        columns: NDArray[np.float32],
    ) -> dict[str, Any]:
        given = {
            "nodes": nodes,
            "edge_index": edges.astype(np.int64),
            "edge_features": columns,
        }
        return dict(
            zip(self._outputs, self._session.run(self._outputs, given), strict=True)
        )

    @classmethod
    def load(cls, folder: Path, *, threads: int = 0) -> Self:
        """Reads what a training has written.

        Raises:
            BadFileError: If a file is missing or damaged.
        """
        description = files.read(folder)
        path = folder / files.EDGES
        try:
            return cls(description, files.content(path), threads=threads)
        except ValueError as error:
            raise BadFileError(
                f"'{path}' must hold a network of edges. Received: {error}. Train the "
                "finder again."
            ) from error
