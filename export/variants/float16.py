"""Weights stored in half precision: about half the file, and float32 arithmetic.

A `Cast` stands between each stored matrix and its product. ONNX Runtime computes it
once, when it loads the file, so a call costs what it did. Arithmetic in half precision
is not offered: processors of the x86 family multiply no half-precision matrices in
ONNX Runtime, so it brings no speed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from export.variants.graph import Graph
from export.variants.layers import inner_products

_LARGEST = float(np.finfo(np.float16).max)


def fp16_weights(proto: Any) -> Any:
    """A network whose inner weights are stored as float16.

    Args:
        proto: An `onnx.ModelProto`; it stays as it is.

    Returns:
        A new, checked `onnx.ModelProto`.

    Raises:
        ConversionError: If there is no inner layer.
    """
    import onnx

    graph = Graph(proto)
    for node in inner_products(graph):
        weights = graph.constants[node.input[1]]
        if np.abs(weights).max(initial=0.0) > _LARGEST:
            continue
        stored = graph.constant(weights.astype(np.float16))
        single = graph.add("Cast", stored, to=onnx.TensorProto.FLOAT)
        node.input[1] = single
    return graph.proto()
