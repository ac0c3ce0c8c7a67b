"""Networks of graphs as TensorFlow functions with named inputs and outputs.

- `edge_function`: `nodes`, `edge_index` and `edge_features` to `score`
- `mask_function`: `tokens`, `pivots`, `token_valid` and `pivot_valid` to `probability`
- `embedding_function`: `nodes` to `place`

`export.graph_network` tells their shapes, and writes them as ONNX;
`export.graph_saved_model` writes them as a SavedModel.
"""

from __future__ import annotations

from typing import Any

from export.errors import ConversionError

Inputs = dict[str, tuple[tuple[int | None, ...], str]]

_INPUTS = ("nodes", "edges", "senders", "receivers")


def edge_function(
    model: Any,
    *,
    state: bool = False,
    hits: bool = False,
    logit: bool = False,
    float_index: bool = False,
) -> Any:
    """A `tf.function` from a graph to the scores of its edges.

    Args:
        model: `keras.Model` as `network.graph_builder` makes it, with the inputs
            `nodes`, `edges`, `senders` and `receivers` and the output `edge`.
        state: Whether `state` is an output, too: what the layer of this name gives.
        hits: Whether `hit_features` is an output, too: state and sanitized features of
            nodes side by side, the rows that `mask_function` takes.
        logit: Whether the output is `logit`, not the probability `score`, for software
            that forms the probability itself.
        float_index: Whether `edge_index` comes as float32, for runtimes that know no
            other type; exact up to 2^24 nodes.

    Raises:
        ConversionError: If the model has other inputs or outputs, no such layer, or no
            features of edges.
    """
    import keras
    import tensorflow as tf

    given = _given(model, *_INPUTS)
    width = given["edges"].shape[-1]
    if not width:
        # TensorFlow ends the process at a fused product over no columns.
        raise ConversionError(
            "A network of edges must have features of edges to be exported. "
            "Received: edges of shape (edges, 0)"
        )
    wanted = {"edge": _output(model, "edge"), **_more(model, state, hits)}
    inner = keras.Model(given, wanted)

    def forward(nodes: Any, edge_index: Any, edge_features: Any) -> Any:
        ends = tf.cast(edge_index, tf.int32)
        graph = (nodes, edge_features, ends[0], ends[1])
        found = inner(dict(zip(_INPUTS, graph, strict=True)), training=False)
        edge = found.pop("edge")
        score = {"logit": edge} if logit else {"score": keras.ops.sigmoid(edge)}
        return {**score, **found}

    inputs: Inputs = {
        "nodes": ((None, given["nodes"].shape[-1]), "float32"),
        "edge_index": ((2, None), "float32" if float_index else "int64"),
        "edge_features": ((None, width), "float32"),
    }
    return _function(forward, inputs)


def _more(model: Any, state: bool, hits: bool) -> dict[str, Any]:
    """Outputs of nodes."""
    import keras

    found = {"state": _layer(model, "state").output} if state else {}
    if hits:
        names = ("state", "node_sanitizer")
        parts = [_layer(model, name).output for name in names]
        found["hit_features"] = keras.ops.concatenate(parts, axis=-1)
    return found


def mask_function(model: Any) -> Any:
    """A `tf.function` from micrographs to the probabilities of their tokens.

    `token_valid` and `pivot_valid` are 1 where there is one and 0 where there is not.
    The probability of a token that does not exist is 0.

    Args:
        model: `keras.Model` with a `PivotMaskHead` named `masks`.

    Raises:
        ConversionError: If there is no such layer.
    """
    import keras

    head = _layer(model, "masks")
    width = head.encode[0].kernel.shape[0]

    def forward(tokens: Any, pivots: Any, token_valid: Any, pivot_valid: Any) -> Any:
        logit = head(tokens, pivots, token_valid, pivot_valid)
        return {"probability": keras.ops.sigmoid(logit)}

    rows, valid = (None, None, width), (None, None)
    shapes = {
        "tokens": rows,
        "pivots": rows,
        "token_valid": valid,
        "pivot_valid": valid,
    }
    return _function(forward, {name: (x, "float32") for name, x in shapes.items()})


def embedding_function(model: Any) -> Any:
    """A `tf.function` from nodes to their places.

    Args:
        model: `keras.Model` with the input `nodes` and the output `place`.

    Raises:
        ConversionError: If the model has other inputs or outputs.
    """
    import keras

    place = _output(model, "place")
    given = _given(model, "nodes")
    inner = keras.Model(given, {"place": place})

    def forward(nodes: Any) -> Any:
        return {"place": inner({"nodes": nodes}, training=False)["place"]}

    width = given["nodes"].shape[-1]
    return _function(forward, {"nodes": ((None, width), "float32")})


def _function(forward: Any, inputs: Inputs) -> Any:
    import tensorflow as tf

    signature = [
        tf.TensorSpec(shape, dtype, name=name)
        for name, (shape, dtype) in inputs.items()
    ]
    return tf.function(forward, input_signature=signature, autograph=False)


def _given(model: Any, *names: str) -> dict[str, Any]:
    """Inputs of a model by name."""
    known = {tensor.name: tensor for tensor in model.inputs}
    if missing := [name for name in names if name not in known]:
        raise ConversionError(
            f"A network must have the inputs {', '.join(names)}. Received: "
            f"{', '.join(known)}, without {', '.join(missing)}"
        )
    return {name: known[name] for name in names}


def _output(model: Any, name: str) -> Any:
    found = model.output
    if not isinstance(found, dict) or name not in found:
        known = ", ".join(found) if isinstance(found, dict) else "no dictionary"
        raise ConversionError(
            f"A network must have the output `{name}`. Received: {known}"
        )
    return found[name]


def _layer(model: Any, name: str) -> Any:
    known = {layer.name: layer for layer in model.layers}
    if name not in known:
        raise ConversionError(
            f"A network must have a layer named `{name}`. Received: {', '.join(known)}"
        )
    return known[name]
