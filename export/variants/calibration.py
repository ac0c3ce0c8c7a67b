"""Between which values the tensors of a network lie for real tracks.

| method       | range                                                            |
|--------------|------------------------------------------------------------------|
| `min-max`    | all values                                                       |
| `percentile` | all but 0.01 % at either end: the steps are finer, few values end |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from export.errors import ConversionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Method = Literal["min-max", "percentile"]
METHODS: tuple[Method, ...] = ("min-max", "percentile")
# Enough for a stable quantile, and some 100 MB.
MAX_ROWS = 16_384
_TAIL = 1e-4


def find_ranges(
    proto: Any,
    names: Iterable[str],
    feed: Mapping[str, NDArray[np.float32]],
    method: Method = "percentile",
) -> dict[str, tuple[float, float]]:
    """The range of each tensor.

    Args:
        proto: An `onnx.ModelProto`.
        names: Tensors of it.
        feed: Real tracks, by the name of the input; the first 16,384 are used.
        method: One of `METHODS`.

    Raises:
        ConversionError: If there are no tracks, or no such method.
    """
    if method not in METHODS:
        known = " or ".join(METHODS)
        raise ConversionError(f"`method` must be {known}. Received: {method!r}")
    rows = min((len(value) for value in feed.values()), default=0)
    if not rows:
        raise ConversionError(
            "A network must be calibrated on real tracks. Received: none"
        )
    names = list(dict.fromkeys(names))
    session = _session(proto, names)
    part = {key: value[:MAX_ROWS] for key, value in feed.items()}
    found = session.run(names, part)
    return {n: _range(v, method) for n, v in zip(names, found, strict=True)}


def _range(values: NDArray[np.float32], method: Method) -> tuple[float, float]:
    if method == "min-max":
        return float(values.min()), float(values.max())
    low, high = np.quantile(values, (_TAIL, 1 - _TAIL))
    return float(low), float(high)


def _session(proto: Any, names: Iterable[str]) -> Any:
    import onnx
    import onnxruntime

    wide = onnx.ModelProto()
    wide.CopyFrom(proto)
    present = {value.name for value in wide.graph.output}
    wide.graph.output.extend(
        onnx.helper.make_empty_tensor_value_info(name)
        for name in names
        if name not in present
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        wide.SerializeToString(),
        sess_options=options,
        providers=["CPUExecutionProvider"],
    )
