"""Proof that a network of edges left as what it was.

Each artifact is reloaded in the runtime that will serve it and compared with Keras on
random graphs, and on those at the ends: no nodes, no edges, an edge from a node to
itself, one node with nearly all edges, features that are not numbers. In ONNX Runtime
the number of threads must not change them, but for rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from export.errors import ParityError
from export.graph_session import GraphSession

if TYPE_CHECKING:
    from pathlib import Path

    from network.graph_inputs import GraphInputs

Graph = Mapping[str, NDArray[Any]]
Graphs = Mapping[str, Graph]
Runtime = Callable[[dict[str, NDArray[Any]]], Mapping[str, NDArray[Any]]]

THREADS = (1, 2, 4)
# Lost terms of a sum change scores by 1e-4 and more. A logarithm of ONNX Runtime may
# change its last bit with the place of a number among those of its thread.
_ROUNDING = 1e-5
_ODD = np.array(
    [np.nan, np.inf, -np.inf, 3.4e38, -3.4e38, 1e-40, 0.0, -0.0], np.float32
)
# Nodes and edges.
_SIZES = {
    "no nodes": (0, 0),
    "no edges": (3, 0),
    "one node": (1, 1),
    "random": (300, 3000),
    "hub": (300, 2000),
    "odd": (60, 400),
}


def edge_graphs(inputs: GraphInputs, *, seed: int = 20_260_101) -> dict[str, Graph]:
    """Graphs to compare runtimes on, by what they are.

    Args:
        inputs: Names and ranges of the features.
        seed: Of all random numbers.

    Returns:
        For each graph `nodes`, `edge_index` and `edge_features`.
    """
    rng = np.random.default_rng(seed)
    graphs: dict[str, Graph] = {}
    for name, (nodes, edges) in _SIZES.items():
        index = rng.integers(0, max(nodes, 1), (2, edges))
        if name == "hub":
            index[1, edges // 20 :] = 7
        columns = [
            _features(rng, nodes, inputs.node_lower, inputs.node_upper),
            _features(rng, edges, inputs.edge_lower, inputs.edge_upper),
        ]
        odd = columns if name == "odd" else []
        for rows in odd:
            chosen = rng.random(rows.shape) < 0.2
            rows[chosen] = rng.choice(_ODD, chosen.sum())
            rows[: len(_ODD)] = _ODD[:, None]
        graphs[name] = {
            "nodes": columns[0],
            "edge_index": index.astype(np.int64),
            "edge_features": columns[1],
        }
    return graphs


def _features(
    rng: np.random.Generator,
    count: int,
    lower: tuple[float, ...],
    upper: tuple[float, ...],
) -> NDArray[np.float32]:
    """Uniform in each range and half its width beyond."""
    low, high = np.array(lower), np.array(upper)
    beyond = (high - low) / 2
    rows = rng.uniform(low - beyond, high + beyond, (count, len(low)))
    return rows.astype(np.float32)


def evaluate_edges(model: Any, graphs: Graphs) -> dict[str, NDArray[np.float32]]:
    """Scores by Keras itself, the reference of every comparison.

    Args:
        model: As for `export.graph_functions.edge_function`.
        graphs: As `edge_graphs` gives them.

    Returns:
        For each graph probabilities, float32 of shape `(edges, 1)`.
    """
    import keras

    known = {tensor.name: tensor for tensor in model.inputs}
    names = ("nodes", "edges", "senders", "receivers")
    given = {name: known[name] for name in names}
    inner = keras.Model(given, model.output["edge"])
    scores = {}
    for kind, graph in graphs.items():
        ends = graph["edge_index"].astype(np.int32)
        columns = (graph["nodes"], graph["edge_features"], *ends)
        feed = dict(zip(names, columns, strict=True))
        scores[kind] = _probability(np.asarray(inner(feed, training=False)))
    return scores


def _probability(logit: NDArray[np.float32]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-logit)))


def compare_edges(
    runtime: Runtime,
    graphs: Graphs,
    reference: Mapping[str, NDArray[np.float32]],
    *,
    tolerance: float,
    name: str,
    output: str = "score",
) -> dict[str, Any]:
    """Compare one reloaded artifact with Keras.

    Args:
        runtime: From named arrays to named arrays.
        graphs: What to evaluate.
        reference: Probabilities by Keras for each.
        tolerance: Largest absolute difference of probabilities that passes.
        name: Name of the artifact in messages.
        output: `"score"`, or `"logit"`, of which the probability is compared.

    Returns:
        `graphs`, `edges` and `max_difference`.

    Raises:
        ParityError: If a graph fails, a score is not finite, has another shape, or is
            off.
    """
    worst = 0.0
    for kind, graph in graphs.items():
        found = _run(runtime, graph, f"{name} of a graph with {kind!r}")[output]
        if output == "logit":
            found = _probability(found)
        off = _difference(found, reference[kind], f"{name} of a graph with {kind!r}")
        if off > tolerance:
            raise ParityError(
                f"The {name} must reproduce the network to {tolerance:g}. Received: "
                f"max |difference|={off:.3g} on {kind!r}. Nothing was written"
            )
        worst = max(worst, off)
    edges = sum(graph["edge_index"].shape[1] for graph in graphs.values())
    return {"graphs": len(graphs), "edges": int(edges), "max_difference": worst}


def check_threads(path: Path, graphs: Graphs) -> list[int]:
    """Raise unless ONNX Runtime gives the same with 1, 2 and 4 threads, to rounding.

    Args:
        path: An ONNX file.
        graphs: What to evaluate.

    Returns:
        The numbers of threads.

    Raises:
        ParityError: With the number of threads and the graph that differ.
    """
    first = None
    for threads in THREADS:
        session = GraphSession(path, threads)
        found = {kind: session(dict(graph)) for kind, graph in graphs.items()}
        first = first or found
        for kind, outputs in found.items():
            for name, array in outputs.items():
                if not _same(array, first[kind][name]):
                    raise ParityError(
                        f"{path.name} must give the same numbers with any number of "
                        f"threads. Received: another `{name}` with {threads} on "
                        f"{kind!r}. Nothing was written"
                    )
    return list(THREADS)


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    close = np.allclose(one, other, rtol=_ROUNDING, atol=_ROUNDING, equal_nan=True)
    return one.shape == other.shape and close


def _run(runtime: Runtime, graph: Graph, what: str) -> Mapping[str, NDArray[Any]]:
    try:
        return runtime(dict(graph))
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        raise ParityError(
            f"The {what} must run. Received: {reason}. Nothing was written"
        ) from error


def _difference(
    found: NDArray[Any], reference: NDArray[np.float32], what: str
) -> float:
    if found.shape != reference.shape or found.dtype != np.float32:
        raise ParityError(
            f"The {what} must be float32 of shape {reference.shape}. "
            f"Received: {found.dtype} {found.shape}. Nothing was written"
        )
    if not np.isfinite(found).all():
        raise ParityError(
            f"The {what} must be finite for every input. "
            f"Received: {found[~np.isfinite(found)][0]}. Nothing was written"
        )
    return float(np.abs(found - reference).max(initial=0.0))
