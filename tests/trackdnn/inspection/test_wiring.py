from __future__ import annotations

import numpy as np
import pytest

from trackdnn.inspection.wiring import Node, Wiring


@pytest.fixture
def wiring():
    """y = (x passed on @ w) twice; nodes stand in the wrong order."""
    return Wiring(
        nodes=(
            Node("end", "Add", ("product:0", "product:1"), ("end",)),
            Node("product", "MatMul", ("x", "again"), ("product",)),
            Node("again", "Identity", ("w",), ("again",)),
        ),
        inputs=("x",),
        constants={"w": np.ones((2, 3))},
        silent={"Const": 1},
    )


def test_wiring_counts_operations(wiring):
    assert wiring.operations == {"Add": 1, "MatMul": 1, "Identity": 1, "Const": 1}


def test_wiring_orders_nodes(wiring):
    assert [node.name for node in wiring.ordered] == ["again", "product", "end"]


def test_wiring_finds_makers_takers_and_constants(wiring):
    assert wiring.maker("product:1").name == "product"
    assert wiring.maker("x") is None
    assert {node.name for node in wiring.takers("product")} == {"end"}
    assert wiring.source("again") == "w"
    assert wiring.constant("again").shape == (2, 3)
    assert wiring.constant("product") is None


def test_wiring_finds_what_depends_on_a_tensor(wiring):
    assert wiring.reached({"x"}) == {"x", "product", "end"}


def test_wiring_with_a_loop_ends():
    nodes = (
        Node("a", "Identity", ("b",), ("a",)),
        Node("b", "Identity", ("a",), ("b",)),
        Node("c", "Abs", ("x",), ("c",)),
    )
    wiring = Wiring(nodes=nodes, inputs=("x",), constants={})

    assert [node.name for node in wiring.ordered] == ["c", "a", "b"]
    assert wiring.constant("a") is None
