"""The probe of a bundle as a flat binary file, for programs that read no NumPy files.

The layout is that of `probe_file.h`, beside this file: a header of 512 bytes, float32
arrays, and a CRC-32 at the end. Everything is little-endian.
"""

from __future__ import annotations

import dataclasses
import os
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from export import verify
from export.errors import ClientError

if TYPE_CHECKING:
    from export.manifest import Bundle

MAGIC, VERSION = b"TRKPROBE", 1
HEADER = struct.Struct("<8s4If4x")
NAME_BYTES = 96

Floats = NDArray[np.float32]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClientProbe:
    """What a client feeds and what it has to get.

    Args:
        features: Float32 array of shape `(rows, width)`, raw values.
        category: Float32 array of shape `(rows, 1)`.
        reference: Scores to compare with, of shape `(rows, 1)`; `None` to compare with
            nothing, as for a graph that is only timed.
        tolerance: Largest absolute difference that passes.
        feature_input: Name of the features in the model.
        category_input: Name of the category.
        frozen_graph: Name of the output in a frozen graph.
        saved_model: Key of the output in the signature of a SavedModel.
        onnx: Name of the output in an ONNX file.
    """

    features: Floats
    category: Floats
    reference: Floats | None = None
    tolerance: float = 0.0
    feature_input: str = "x"
    category_input: str = "y"
    frozen_graph: str = "Identity"
    saved_model: str = "score"
    onnx: str = "score"


def probe_of(bundle: Bundle) -> ClientProbe:
    """The probe of a bundle, with names and tolerance of its manifest.

    Raises:
        ClientError: If the probe cannot be read.
    """
    try:
        arrays = verify.read_probe(bundle.probe)
    except verify.RefusedError as error:
        raise ClientError(str(error)) from None
    outputs, names = bundle.manifest["outputs"], bundle.names
    return ClientProbe(
        features=arrays["features"],
        category=arrays["category"],
        reference=arrays["score"],
        tolerance=bundle.manifest["parity"]["tolerance"],
        feature_input=names.features,
        category_input=names.category,
        frozen_graph=outputs["frozen_graph"],
        saved_model=outputs["saved_model"],
        onnx=outputs["onnx"],
    )


def write_probe_file(path: Path, probe: ClientProbe) -> None:
    """Write a probe for clients; an earlier file is replaced as a whole.

    Raises:
        ClientError: If the probe holds what its file cannot.
    """
    content = _content(probe)
    hidden = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        hidden.write_bytes(content)
        hidden.replace(path)
    finally:
        hidden.unlink(missing_ok=True)


def _content(probe: ClientProbe) -> bytes:
    arrays = [probe.features, probe.category]
    if probe.reference is not None:
        arrays.append(probe.reference)
    _check(probe, arrays)
    rows, width = probe.features.shape
    compared, tolerance = int(probe.reference is not None), probe.tolerance
    head = HEADER.pack(MAGIC, VERSION, rows, width, compared, tolerance)
    inputs = (probe.feature_input, probe.category_input)
    outputs = (probe.frozen_graph, probe.saved_model, probe.onnx)
    head += b"".join(_name(name) for name in (*inputs, *outputs))
    body = b"".join(array.astype("<f4").tobytes() for array in arrays)
    return head + body + struct.pack("<I", zlib.crc32(head + body))


def _check(probe: ClientProbe, arrays: list[Floats]) -> None:
    shapes = [array.shape for array in arrays]
    rows = shapes[0][0] if shapes[0] else 0
    flat = all(shape == (rows, 1) for shape in shapes[1:])
    if len(shapes[0]) != 2 or 0 in shapes[0] or not flat:
        raise ClientError(
            "A probe must hold rows of features, and one category and one score for "
            f"each. Received: shapes {shapes}"
        )
    if probe.reference is not None and not np.isfinite(probe.reference).all():
        raise ClientError("The scores of a probe must be finite. Received: others")


def _name(name: str) -> bytes:
    encoded = name.encode()
    if not 0 < len(encoded) < NAME_BYTES or b"\0" in encoded:
        raise ClientError(
            f"The name of an input or output must have 1 to {NAME_BYTES - 1} bytes. "
            f"Received: {name!r}"
        )
    return encoded.ljust(NAME_BYTES, b"\0")
