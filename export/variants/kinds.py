"""The variants of a network by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from export.errors import ConversionError
from export.variants.float16 import fp16_weights
from export.variants.int8 import int8_dynamic, int8_static
from export.variants.optimised import optimised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OPTIMISED, FP16 = "optimised", "fp16"
INT8_DYNAMIC, INT8_STATIC = "int8-dynamic", "int8-static"
KINDS = (OPTIMISED, FP16, INT8_DYNAMIC, INT8_STATIC)


def make(kind: str, proto: Any, feed: Mapping[str, NDArray[np.float32]]) -> Any:
    """A variant of a network; all but the first are made of the optimised one.

    Args:
        kind: One of `KINDS`.
        proto: An `onnx.ModelProto`; it stays as it is.
        feed: Real tracks, by the name of the input, for `int8-static`.

    Returns:
        A new, checked `onnx.ModelProto`.

    Raises:
        ConversionError: If the network has no such variant, or there is no such kind.
    """
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise ConversionError(f"A kind must be one of {known}. Received: {kind}")
    better = optimised(proto)
    if kind == FP16:
        return fp16_weights(better)
    if kind == INT8_DYNAMIC:
        return int8_dynamic(better)
    if kind == INT8_STATIC:
        return int8_static(better, feed)
    return better
