"""Weights in half precision."""

import numpy as np
import onnx

from export.variants.float16 import fp16_weights
from tests.export.variants.conftest import NETWORK


def tensors(proto):
    return {one.name: one for one in proto.graph.initializer}


def test_fp16_weights_are_stored_in_half(network):
    stored = [
        one.dims
        for one in fp16_weights(network).graph.initializer
        if one.data_type == onnx.TensorProto.FLOAT16
    ]

    assert stored == [[24, 24], [24, 24]]


def test_fp16_weights_compute_in_single_precision(build, run, twin, feed, constants):
    rounded = {
        name: value.astype(np.float16).astype(np.float32)
        if name in ("w1", "w2")
        else value
        for name, value in constants.items()
    }
    proto = build(NETWORK.format(ir=7, opset=13), **constants)

    (found,) = run(fp16_weights(proto), feed)

    np.testing.assert_allclose(found, twin(feed, rounded), atol=1e-6)


def test_fp16_weights_beyond_half_precision_stay(build, constants):
    large = {**constants, "w1": constants["w1"] * np.float32(1e6)}
    proto = build(NETWORK.format(ir=7, opset=13), **large)

    made = tensors(fp16_weights(proto))

    assert made["w1"].data_type == onnx.TensorProto.FLOAT
