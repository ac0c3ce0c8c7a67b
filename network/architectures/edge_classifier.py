"""What all edge classifiers share: their inputs, how edges are judged, their output.

An edge classifier takes the graph of one or several events in four inputs and gives a
logit per edge::

    nodes      float32 (nodes, features)     raw
    edges      float32 (edges, features)     raw
    senders    int32   (edges,)              node where each edge starts
    receivers  int32   (edges,)              node where it ends
    ->
    edge       float32 (edges, 1)            logit: above 0 where an edge is likely true

Between them stand a layer `state`, what the network knows of each node in the end, and
`node_sanitizer`, what came in, clipped and scaled: what is built on top takes these
two. Any number of nodes and edges goes in, none included.

In half precision the first layers stay in float32: in a detector of metres, a bfloat16
could not tell hits a millimetre apart.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import keras
from keras import layers

from network.custom.dense_stack import DenseStack
from network.custom.edge_dense import EdgeDense
from network.custom.input_sanitizer import InputSanitizer
from network.custom.signed_log import SignedLog, signed_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from network.graph_inputs import GraphInputs


@dataclasses.dataclass(frozen=True)
class GraphTensors:
    """The inputs of an edge classifier as its layers see them.

    Args:
        given: The inputs of the model, in their order.
        nodes: Features of the nodes, in `[-1, 1]`.
        edges: Features of the edges, in `[-1, 1]`.
        senders: Node where each edge starts.
        receivers: Node where it ends.
    """

    given: Sequence[Any]
    nodes: Any
    edges: Any
    senders: Any
    receivers: Any


def graph_tensors(inputs: GraphInputs) -> GraphTensors:
    """The inputs of an edge classifier, and what its first layers make of them.

    Args:
        inputs: Names and ranges of the features.

    Returns:
        Symbolic tensors.
    """
    nodes, edges = (sanitized(kind, inputs) for kind in ("node", "edge"))
    ends = [
        keras.Input((), dtype="int32", name=name) for name in ("senders", "receivers")
    ]
    return GraphTensors([nodes[0], edges[0], *ends], nodes[1], edges[1], *ends)


def sanitized(kind: str, inputs: GraphInputs):
    """An input of raw features, and the same bent, clipped and scaled.

    Args:
        kind: `"node"` or `"edge"`: the input is `nodes` or `edges`, the layer is
            `node_sanitizer` or `edge_sanitizer`.
        inputs: Ranges and scales of the features.

    Returns:
        Two symbolic tensors of shape `(None, features)`.
    """
    names = ("lower", "upper", "scale")
    lower, upper, scale = (getattr(inputs, f"{kind}_{name}") for name in names)
    raw = keras.Input((len(lower),), dtype="float32", name=f"{kind}s")
    values = raw
    if any(scale):
        values = SignedLog(scale, name=f"{kind}_logarithm")(raw)
    ends = [
        [signed_log(value, bend) for value, bend in zip(side, scale, strict=True)]
        for side in (lower, upper)
    ]
    columns = ("identity",) * len(lower)
    layer = InputSanitizer(columns, *ends, name=f"{kind}_sanitizer")
    return raw, layer(values)


def encoded(rows: Any, width: int, depth: int, name: str, **style: Any):
    """What dense layers make of the features of nodes or edges, in float32.

    Args:
        rows: Tensor of shape `(None, features)`.
        width: Units of each layer.
        depth: Number of layers.
        name: Name of the stack.
        **style: Activation and normalisation, as in `DenseStack`.

    Returns:
        Tensor of shape `(None, width)`.
    """
    stack = DenseStack((width,) * depth, name=name, dtype="float32", **style)
    return stack(rows)


def state_of(nodes: Any):
    """Marks what the network knows of each node in the end, in float32."""
    return layers.Identity(name="state", dtype="float32")(nodes)


def decoded(
    graph: GraphTensors, state: Any, edges: Any, decoder: Sequence[int], **style: Any
):
    """Dense layers over both nodes of an edge and what is known of the edge itself.

    Args:
        graph: The inputs.
        state: Tensor of shape `(nodes, width)`.
        edges: Tensor of shape `(edges, features)`.
        decoder: Units of each layer, at least two.
        **style: Activation and normalisation, as in `DenseStack`.

    Returns:
        Tensor of shape `(edges, decoder[-1])`.
    """
    first, *rest = decoder
    ends = EdgeDense(first, name="decoder_ends")
    x = ends(state, edges, graph.senders, graph.receivers)
    return DenseStack(rest, lead=True, name="decoder", **style)(x)


def edge_model(graph: GraphTensors, hidden: Any, name: str):
    """The model: a logit for each edge, in float32 whatever the dtype policy.

    Args:
        graph: The inputs.
        hidden: Tensor of shape `(edges, units)`.
        name: Name of the model.

    Returns:
        `keras.Model`.
    """
    logit = layers.Dense(1, dtype="float32", name="edge")(hidden)
    return keras.Model(list(graph.given), {"edge": logit}, name=name)
