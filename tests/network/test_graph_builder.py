"""GraphBuilder: the choice becomes a network that trains, or one clear sentence."""

import inspect
import types

import keras
import numpy as np
import pytest

from network import graph_builder
from network.graph_builder import (
    ARCHITECTURES,
    MASKS,
    Architecture,
    GraphBuilder,
    complete_masks,
    complete_options,
)
from tests.network.architectures.graph_networks import (
    FORMS,
    choice,
    make_inputs,
    make_masks,
    make_network,
)
from tests.network.architectures.graph_networks import MASKS as SMALL_MASKS
from tests.network.custom.graph_layer import make_graph

GRAPH = make_graph()


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_options_are_the_arguments_of_the_function(name):
    arguments = inspect.signature(ARCHITECTURES[name].load()).parameters.values()

    named = {one.name for one in arguments if one.kind is one.KEYWORD_ONLY}
    assert named == set(ARCHITECTURES[name].options)


def test_masks_are_arguments_of_their_layer_with_its_defaults():
    from network.custom.pivot_mask_head import PivotMaskHead

    parameters = inspect.signature(PivotMaskHead.__init__).parameters
    assert {name: parameters[name].default for name in MASKS} == MASKS


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_weight_of_every_network_learns(name):
    import tensorflow as tf

    masks = None if name == "embedding" else SMALL_MASKS
    model = make_network(name, masks)
    given = [*GRAPH, *make_masks()][: len(model.inputs)]
    before = model.get_weights()
    with tf.GradientTape() as tape:
        outputs = model(given, training=True)
        # Not a plain sum: that of rows behind a normalisation has no gradient.
        parts = [tf.sin(3 * output + 0.3) for output in outputs.values()]
        loss = tf.add_n([tf.reduce_sum(part) for part in parts])
    trained = model.trainable_weights
    gradients = tape.gradient(loss, [weight.value for weight in trained])

    for weight, gradient in zip(trained, gradients, strict=True):
        step = np.asarray(tf.convert_to_tensor(gradient))
        assert np.isfinite(step).all(), weight.path
        # Biases of keys and in front of batch normalisations change nothing.
        assert step.any() or weight.name == "bias", weight.path
        weight.assign(weight - 0.01 * step)
    for old, weight in zip(before, model.weights, strict=True):
        changed = (old != np.asarray(weight.value)).any()
        assert changed or weight.name == "bias", weight.path
    assert np.isfinite(np.asarray(model(given)[next(iter(outputs))])).all()


def test_builder_passes_options_on():
    builder = GraphBuilder(choice("interaction", width=9, steps=3))

    model = builder.build(make_inputs())

    assert model.get_layer("step_2").units == 9
    assert builder.options["activation"] == "swish"
    assert builder.options["steps"] == 3


def test_a_new_network_is_one_file_and_one_entry(monkeypatch):
    def plain(inputs, *, width):
        nodes = keras.Input((inputs.node_width,), name="nodes")
        return keras.Model(nodes, {"edge": keras.layers.Dense(width)(nodes)})

    module = types.SimpleNamespace(plain=plain)
    monkeypatch.setitem(__import__("sys").modules, "network.architectures.new", module)
    entry = {**ARCHITECTURES, "new": Architecture("new", "plain", {"width": 3})}
    monkeypatch.setattr(graph_builder, "ARCHITECTURES", entry)

    builder = GraphBuilder(types.SimpleNamespace(architecture="new", options={}))

    assert builder.build(make_inputs()).output["edge"].shape == (None, 3)
    assert not builder.coupled


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("kind", ["batch", "layer"])
def test_builder_knows_which_networks_couple_events(name, kind):
    builder = GraphBuilder(choice(name, normalization=kind))

    paths = [weight.path for weight in builder.build(make_inputs()).weights]

    assert builder.coupled == any("moving_variance" in path for path in paths)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "interactoin",
            {},
            r"`architecture` must be one of \['attention', .*. Received: "
            "architecture='interactoin'. Did you mean 'interaction'?",
        ),
        (
            "hypertrack",
            {"fussion": 3},
            "An option of the network 'hypertrack' must be one of .*. "
            "Received: fussion=3. Did you mean 'fusion'?",
        ),
        (
            "dense",
            {"depth": 1},
            "Option `depth` of the network 'dense' must be a whole number from 2 to "
            "100. Received: depth=1",
        ),
        (
            "attention",
            {"heads": 3},
            "Option `heads` of the network 'attention' must divide `width`. "
            "Received: heads=3, width=64",
        ),
    ],
)
def test_what_cannot_be_built_is_refused(name, options, message):
    with pytest.raises(ValueError, match=message):
        complete_options(name, options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"headz": 3}, "An option of the pivot transformer must be .*'heads'"),
        ({"blocks": -1}, "Option `blocks` of the pivot transformer must be a whole"),
        ({"heads": 7}, "Option `heads` of the pivot transformer must divide `width`"),
    ],
)
def test_masks_that_cannot_be_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        complete_masks(options)


def test_masks_stand_on_edges():
    with pytest.raises(ValueError, match=r"must stand on .* architecture='embedding'"):
        GraphBuilder(choice("embedding"), masks={})
