"""Networks of graphs as ONNX: scores of edges, masks of tokens, places of nodes.

`convert_edges`, float32 but for `edge_index`, which is int64:

| tensor          | shape                          | what                          |
|-----------------|--------------------------------|-------------------------------|
| `nodes`         | `[n_nodes, F]`                 | raw features of nodes         |
| `edge_index`    | `[2, n_edges]`                 | nodes where edges start, end  |
| `edge_features` | `[n_edges, G]`                 | raw features of edges         |
| `score`         | `[n_edges, 1]`                 | probability of a true edge    |
| `state`         | `[n_nodes, W]`                 | state of nodes, if asked for  |
| `hit_features`  | `[n_nodes, W + F]`             | rows of tokens, if asked for  |

`convert_masks`, float32, at least one token and one pivot wide, padding included:

| tensor          | shape                          | what                          |
|-----------------|--------------------------------|-------------------------------|
| `tokens`        | `[n_micrographs, n_tokens, F]` | features of tokens            |
| `pivots`        | `[n_micrographs, n_pivots, F]` | features of pivots            |
| `token_valid`   | `[n_micrographs, n_tokens]`    | 1, or 0 for padding           |
| `pivot_valid`   | `[n_micrographs, n_pivots]`    | 1, or 0 for padding           |
| `probability`   | `[n_micrographs, n_tokens]`    | that a token belongs          |

`convert_embedding`, float32:

| tensor          | shape                          | what                          |
|-----------------|--------------------------------|-------------------------------|
| `nodes`         | `[n_nodes, F]`                 | raw features of nodes         |
| `place`         | `[n_nodes, D]`                 | near means of one track       |

Axes with a name have any length, none included. No two axes that may differ share a
name: ONNX Runtime takes two axes of one name for equally long.

Sums over edges are written by `export.segment_handlers`; a graph with a `ScatterND`
that adds, which loses terms as soon as two threads run it, is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from export.errors import ConversionError
from export.graph_functions import edge_function, embedding_function, mask_function
from export.onnx_graph import convert_function
from export.races import racing_nodes
from export.variants.activations import join_sigmoids
from export.variants.graph import Graph
from export.variants.normalization import join_normalizations

if TYPE_CHECKING:
    from collections.abc import Mapping

NODES, EDGES, MICROGRAPHS = "n_nodes", "n_edges", "n_micrographs"
AXES: dict[str, tuple[str | None, ...]] = {
    "nodes": (NODES, None),
    "edge_index": (None, EDGES),
    "edge_features": (EDGES, None),
    "score": (EDGES, None),
    "logit": (EDGES, None),
    "state": (NODES, None),
    "hit_features": (NODES, None),
    "place": (NODES, None),
    "tokens": (MICROGRAPHS, "n_tokens", None),
    "pivots": (MICROGRAPHS, "n_pivots", None),
    "token_valid": (MICROGRAPHS, "n_tokens"),
    "pivot_valid": (MICROGRAPHS, "n_pivots"),
    "probability": (MICROGRAPHS, "n_tokens"),
}
# Maxima over edges need it.
LEAST_OPSET = 18


def convert_edges(
    model: Any,
    *,
    state: bool = False,
    hits: bool = False,
    logit: bool = False,
    float_index: bool = False,
    **options: Any,
) -> Any:
    """A network that scores edges, as an ONNX `ModelProto`.

    Args:
        model: `keras.Model` as `edge_function` takes it.
        state: As for `edge_function`.
        hits: As for `edge_function`.
        logit: As for `edge_function`.
        float_index: As for `edge_function`.
        **options: As for `convert_graph`.

    Returns:
        A checked `onnx.ModelProto` with the inputs in the order of the table above.

    Raises:
        ConversionError: As `edge_function` and `convert_graph`.
    """
    function = edge_function(
        model, state=state, hits=hits, logit=logit, float_index=float_index
    )
    return convert_graph(function, **options)


def convert_masks(model: Any, **options: Any) -> Any:
    """The head that masks the tokens of micrographs, as an ONNX `ModelProto`.

    Args:
        model: `keras.Model` as `mask_function` takes it.
        **options: As for `convert_graph`.

    Raises:
        ConversionError: As `mask_function` and `convert_graph`.
    """
    return convert_graph(mask_function(model), **options)


def convert_embedding(model: Any, **options: Any) -> Any:
    """A network that gives nodes a place, as an ONNX `ModelProto`.

    Args:
        model: `keras.Model` as `embedding_function` takes it.
        **options: As for `convert_graph`.

    Raises:
        ConversionError: As `embedding_function` and `convert_graph`.
    """
    return convert_graph(embedding_function(model), **options)


def convert_graph(
    function: Any,
    *,
    opset: int = LEAST_OPSET,
    ir_version: int = 8,
    fused: bool = True,
    metadata: Mapping[str, str] | None = None,
) -> Any:
    """One of the functions of this module as an ONNX `ModelProto`.

    Args:
        function: A `tf.function` over tensors named in `AXES`.
        opset: Version of the ONNX operator set, 18 to 20.
        ir_version: Version of the ONNX file format.
        fused: Whether each layer normalisation and each sigmoid becomes one node.
        metadata: Text that travels in the file.

    Returns:
        A checked `onnx.ModelProto`.

    Raises:
        ConversionError: If an operation has no ONNX form, the versions do not fit, or
            the result would depend on the number of threads.
    """
    if opset < LEAST_OPSET:
        raise ConversionError(
            f"A network of graphs must have opset {LEAST_OPSET} or later. "
            f"Received: opset={opset}"
        )
    proto = convert_function(
        function, opset=opset, ir_version=ir_version, metadata=metadata, axes=AXES
    )
    if fused:
        graph = Graph(proto)
        join_normalizations(graph)
        join_sigmoids(graph)
        proto = graph.proto()
    racing = racing_nodes(proto.SerializeToString())
    if racing:
        raise ConversionError(
            "A network of graphs must give the same numbers with any number of "
            f"threads. Received: {', '.join(racing)}, which adds up in no order. "
            "Use `keras.ops.segment_sum`"
        )
    return proto
