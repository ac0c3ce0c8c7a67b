import dataclasses
import json

import pytest

from network.graph_inputs import GraphInputs

GOOD = {
    "node_names": ("r", "z"),
    "node_lower": (0.0, -3.0),
    "node_upper": (1.1, 3.0),
    "edge_names": ("dphi",),
    "edge_lower": (-0.5,),
    "edge_upper": (0.5,),
}


def test_inputs_survive_json():
    inputs = GraphInputs(**GOOD)

    text = inputs.to_json()

    assert GraphInputs.from_json(text) == inputs
    assert json.loads(text)["node_upper"] == [1.1, 3.0]
    assert (inputs.node_width, inputs.edge_width) == (2, 1)


def test_lists_become_tuples_of_plain_numbers():
    import numpy as np

    lists = {name: list(value) for name, value in GOOD.items()}
    lists["node_lower"] = np.float32([0, -3])

    inputs = GraphInputs(**lists)

    assert inputs == GraphInputs(**GOOD)
    assert {type(value) for value in inputs.node_lower} == {float}
    assert hash(inputs) == hash(GraphInputs(**GOOD))


def test_edges_may_have_no_features():
    nodes = {name: value for name, value in GOOD.items() if name.startswith("node")}

    assert GraphInputs(**nodes).edge_width == 0


def test_unknown_keys_are_refused():
    with pytest.raises(TypeError, match="colour"):
        GraphInputs.from_json(json.dumps({**GOOD, "colour": 1}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"node_names": (), "node_lower": (), "node_upper": ()},
            r"`node_names` must name at least one feature. Received: node_names=\(\)",
        ),
        (
            {"node_names": ("r", "r")},
            "`node_names` must name each feature once. Received: 'r' 2 times",
        ),
        (
            {"edge_lower": ()},
            "`edge_lower` must have one entry per feature of the edges. "
            "Received: 0 entries for 1 features",
        ),
        (
            {"node_upper": (1.0,)},
            "`node_upper` must have one entry per feature of the nodes. "
            "Received: 1 entries for 2 features",
        ),
        (
            {"node_lower": (2.0, -3.0)},
            "range of the node feature 'r' must be finite and not empty, in float32. "
            "Received: lower=2.0, upper=1.1",
        ),
        ({"edge_upper": (float("nan"),)}, "'dphi' must be finite"),
        ({"edge_upper": (float("inf"),)}, "'dphi' must be finite"),
        ({"edge_upper": (1e300,)}, "'dphi' must be finite"),
        ({"node_lower": (1.1 - 1e-12, -3.0)}, "'r' must be finite and not empty"),
    ],
)
def test_what_cannot_be_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        GraphInputs(**{**GOOD, **changes})


def test_inputs_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        GraphInputs(**GOOD).node_names = ("x",)
