import numpy as np
import pytest

from network.graph_builder import GraphBuilder
from network.graph_inputs import GraphInputs
from trackdnn.settings.finding.edge_network import EdgeNetworkSettings

INPUTS = GraphInputs(
    node_names=("x", "y", "z"),
    node_lower=(-2.0,) * 3,
    node_upper=(2.0,) * 3,
    edge_names=("e",),
    edge_lower=(-2.0,),
    edge_upper=(2.0,),
)
SIZES = {"width": 8, "steps": 2, "fusion": 7, "decoder": (6, 5)}


def graph(seed=1, nodes=9, edges=20):
    rng = np.random.default_rng(seed)
    ends = rng.integers(0, nodes, (2, edges)).astype("i4")
    return {
        "nodes": rng.normal(size=(nodes, 3)).astype("f4"),
        "edges": rng.normal(size=(edges, 1)).astype("f4"),
        "senders": ends[0],
        "receivers": ends[1],
    }


@pytest.fixture(scope="module")
def networks():
    """Ours and the plain one, with the same weights, none of which is 0 or 1."""
    from benchmarks.plain_hypertrack import plain_hypertrack

    settings = EdgeNetworkSettings(architecture="hypertrack", options=SIZES)
    ours, plain = (
        GraphBuilder(settings).build(INPUTS),
        plain_hypertrack(INPUTS, **SIZES),
    )
    rng = np.random.default_rng(3)
    weights = [rng.uniform(0.1, 0.6, one.shape) for one in ours.get_weights()]
    ours.set_weights(weights)
    plain.set_weights(weights)
    return ours, plain


def test_plain_network_gives_the_logits_of_our_preset_with_its_weights(networks):
    given = graph()

    ours, plain = (np.asarray(model(given)["edge"]) for model in networks)

    assert ours.shape == plain.shape == (20, 1)
    assert np.ptp(ours) > 1e-3
    np.testing.assert_allclose(plain, ours, rtol=2e-4)


def test_plain_network_judges_an_edge_alike_in_both_directions(networks):
    _, plain = networks
    given = graph()
    turned = {**given, "senders": given["receivers"], "receivers": given["senders"]}

    np.testing.assert_allclose(plain(turned)["edge"], plain(given)["edge"], rtol=1e-5)


def test_sizes_are_those_of_our_preset():
    from benchmarks.plain_hypertrack import plain_hypertrack

    settings = EdgeNetworkSettings(architecture="hypertrack")

    ours, plain = GraphBuilder(settings).build(INPUTS), plain_hypertrack(INPUTS)

    assert plain.count_params() == ours.count_params()
