"""The whole network, rewritten."""

import collections

import numpy as np
import onnx
import pytest

from export import parity
from export.errors import ConversionError
from export.variants.optimised import optimised
from tests.export.variants.conftest import NETWORK, weights


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_optimised_computes_what_the_network_does(build, run, twin, feed, seed):
    constants = weights(seed)
    proto = build(NETWORK.format(ir=7, opset=13), **constants)

    exact = twin(feed, constants)
    plain, better = (
        np.abs(run(one, feed)[0] - exact).max() for one in (proto, optimised(proto))
    )

    assert better < 2e-6
    assert better < 1.5 * plain + 1e-7


def test_optimised_has_far_fewer_nodes(network):
    before = collections.Counter(node.op_type for node in network.graph.node)

    made = optimised(network)

    after = collections.Counter(node.op_type for node in made.graph.node)
    assert (before.total(), after.total()) == (55, 35)
    assert after["Gemm"] == 4
    assert not after.keys() & {"MatMul", "Exp", "Reciprocal", "Gather", "Neg"}


def test_optimised_keeps_source_names_and_versions(network):
    before = network.SerializeToString()

    made = optimised(network)

    assert network.SerializeToString() == before
    assert made.graph.input == network.graph.input
    assert made.graph.output == network.graph.output
    assert made.opset_import == network.opset_import
    assert made.ir_version == network.ir_version


def test_optimised_twice_is_the_same(network):
    once = optimised(network)

    assert len(optimised(once).graph.node) == len(once.graph.node)


def test_optimised_network_of_the_exporter_passes_its_own_proof(bundle, run):
    made = optimised(onnx.load(bundle.onnx))
    with np.load(bundle.probe) as content:
        probe = parity.Probe(content["features"], content["category"])
        expected = content["score"]

    def runtime(features, category):
        return run(made, {"x": features, "y": category})[0]

    found = parity.compare(runtime, probe, expected, tolerance=1e-6, name="variant")

    assert found["max_difference"] < 1e-6
    assert len(made.graph.node) < len(onnx.load(bundle.onnx).graph.node)


def test_optimised_refuses_old_operators(build):
    text = '<ir_version: 6, opset_import: ["" : 11]> g (float[n] x) => (float[n] y)'
    proto = build(text + "{y = Neg (x)}")

    with pytest.raises(ConversionError, match=r"opset 13 or later. Received: 11"):
        optimised(proto)
