"""Which products are between others."""

import pytest

from export.errors import ConversionError
from export.variants.graph import Graph
from export.variants.layers import inner_products


def test_inner_products_are_neither_first_nor_last(network):
    assert [n.output[0] for n in inner_products(Graph(network))] == ["p1", "p2"]


def test_inner_products_of_a_small_network_do_not_exist(build, constants):
    text = """
    <ir_version: 7, opset_import: ["" : 13]>
    g (float[n, 6] x) => (float[n, 1] out) {
        a = MatMul (x, w0)
        out = MatMul (a, w3)
    }
    """
    graph = Graph(build(text, w0=constants["w0"], w3=constants["w3"]))

    with pytest.raises(ConversionError, match=r"three layers.*Received: 2 layers"):
        inner_products(graph)
