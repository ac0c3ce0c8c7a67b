"""ONNX Runtime over the bytes of a trained graph, for everything that finds tracks."""

from __future__ import annotations

from typing import Any

from export.races import safe_threads


def open_session(content: bytes, threads: int) -> Any:
    """A session on the CPU.

    Args:
        content: The ONNX graph.
        threads: Threads to run it with, 0 for one per core. A graph of others, whose
            sums several threads would spoil, gets one.

    Raises:
        ValueError: If it is no ONNX graph.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # ONNX Runtime has a dozen exceptions without a base of their own.
    try:
        options.intra_op_num_threads = safe_threads(content, threads)
        return onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise ValueError(str(error).splitlines()[0]) from error
