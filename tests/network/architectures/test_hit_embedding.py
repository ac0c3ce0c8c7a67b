import numpy as np
import pytest

from tests.network.architectures.graph_networks import (
    make_inputs,
    make_network,
    sanitized_rows,
)
from tests.network.custom.graph_layer import doubles, make_graph, stack

NODES = make_graph()[0]


def twin(model, nodes, layer):
    """The places from the description, in double precision."""
    inputs = make_inputs()
    x = sanitized_rows(nodes, inputs.node_lower, inputs.node_upper)
    x = stack(doubles(model.get_layer("encoder")), x, 2)
    kernel, bias = doubles(model.get_layer(layer))
    return x @ kernel + bias


def test_embedding_equals_its_twin():
    model = make_network("embedding", normalize=False)

    place = model([NODES])["place"]

    np.testing.assert_allclose(place, twin(model, NODES, "place"), atol=1e-5)


def test_normalised_places_lie_on_the_unit_sphere():
    model = make_network("embedding")
    bare = twin(model, NODES, "direction")

    place = np.asarray(model([NODES])["place"])

    np.testing.assert_allclose(np.sqrt((place**2).sum(axis=1)), 1, atol=1e-6)
    lengths = np.sqrt((bare**2).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(place, bare / lengths, atol=1e-5)


@pytest.mark.parametrize("count", [0, 1])
def test_embedding_takes_any_number_of_hits(count):
    model = make_network("embedding", inputs=make_inputs(4, 0))

    place = np.asarray(model([NODES[:count]])["place"])

    assert place.shape == (count, 3)
    assert np.isfinite(place).all()


def test_places_stay_in_float32():
    import keras

    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = make_network("embedding")
    finally:
        keras.config.set_dtype_policy("float32")

    place = half([NODES])["place"]

    np.testing.assert_allclose(place, make_network("embedding")([NODES])["place"], 1e-6)
