import numpy as np
import pytest

from network.custom.dense_stack import ENDS, NORMALIZATIONS, DenseStack
from tests.network.custom.graph_layer import (
    check_gradients,
    check_graph_layer,
    doubles,
    make_graph,
    stack,
    with_random_weights,
)

ROWS = make_graph()[0]


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("lead", [False, True])
def test_dense_stack_equals_its_twin(normalization, end, lead):
    layer = DenseStack((5, 3), normalization=normalization, end=end, lead=lead)
    with_random_weights(layer, ROWS)
    choices = {"normalization": normalization, "end": end, "lead": lead}

    expected = stack(doubles(layer), np.float64(ROWS), 2, **choices)

    check_graph_layer(layer, ROWS, expected=expected)


def test_batch_normalization_learns_nothing_outside_training():
    layer = DenseStack((3,), normalization="batch", end="normalized")
    layer(ROWS)
    before = layer.get_weights()

    layer(ROWS, training=False)

    for one, other in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_training_on_no_rows_leaves_every_weight_a_number(normalization):
    """A batch of events may have no edges."""
    layer = with_random_weights(DenseStack((3,), normalization=normalization), ROWS)

    found = layer(ROWS[:0], training=True)

    assert found.shape == (0, 3)
    assert np.isfinite(np.concatenate(layer.get_weights(), axis=None)).all()


@pytest.mark.parametrize("width", [1, 3])
def test_batch_normalization_takes_the_moments_of_all_rows(width):
    layer = DenseStack((width,), normalization="batch", end="normalized")
    with_random_weights(layer, ROWS)
    kernel, bias, scale, shift, mean, variance = doubles(layer)
    rows = ROWS @ kernel + bias

    found = layer(ROWS, training=True)

    expected = (rows - rows.mean(0)) / np.sqrt(rows.var(0) + 1e-3) * scale + shift
    np.testing.assert_allclose(found, expected, atol=1e-5)
    moved = [0.99 * mean + 0.01 * rows.mean(0), 0.99 * variance + 0.01 * rows.var(0)]
    np.testing.assert_allclose(layer.get_weights()[-2:], moved, atol=1e-6)


def test_every_weight_has_a_gradient():
    check_gradients(with_random_weights(DenseStack((5, 3), lead=True), ROWS), ROWS)


@pytest.mark.parametrize("units", [(), (3, 0)])
def test_impossible_widths_are_refused(units):
    with pytest.raises(ValueError, match=r"at least one width.*units="):
        DenseStack(units)


@pytest.mark.parametrize("choice", ["normalization", "end"])
def test_unknown_choices_are_refused(choice):
    with pytest.raises(ValueError, match=rf"`{choice}` must be of .*'group'"):
        DenseStack((3,), **{choice: "group"})


def test_layers_stand_behind_batch_normalization_without_a_warning():
    """Keras warns of a mask on the rows where a layer behind knows nothing of masks."""
    first, second = (DenseStack((3,), normalization="batch") for _ in range(2))

    output = second(first(ROWS, training=True), training=True)

    assert output.shape == (len(ROWS), 3)
