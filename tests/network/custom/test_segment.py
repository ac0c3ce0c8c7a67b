import keras
import numpy as np
import pytest

from network.custom import segment

RNG = np.random.default_rng(7)
SIZE = 9


def softmax(rows):
    power = np.exp(rows - rows.max(axis=0))
    return power / power.sum(axis=0)


def logsumexp(rows):
    return np.log(np.exp(rows - rows.max(axis=0)).sum(axis=0)) + rows.max(axis=0)


# What a segment with rows amounts to, and what stands for one without.
TWINS = {
    "segment_sum": (lambda rows: rows.sum(axis=0), 0.0),
    "segment_mean": (lambda rows: rows.mean(axis=0), 0.0),
    "segment_std": (lambda rows: rows.std(axis=0), 0.0),
    "segment_max": (lambda rows: rows.max(axis=0), 0.0),
    "segment_logsumexp": (logsumexp, -np.inf),
}


def twin(name, x, segments, size):
    """Segment by segment, in double precision."""
    function, empty = TWINS[name]
    found = np.full((size, x.shape[1]), empty)
    for place in range(size):
        rows = np.float64(x[segments == place])
        if len(rows):
            found[place] = function(rows)
    return found


def rows_of(count, scale=1.0):
    x = (scale * RNG.normal(size=(count, 3))).astype("f4")
    # The segments 0, 4 and 8 stay empty.
    return x, RNG.choice([1, 2, 3, 5, 6, 7], count).astype("i4")


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("count", [0, 1, 5, 200])
def test_segment_function_equals_its_twin(name, count):
    x, segments = rows_of(count)

    found = getattr(segment, name)(x, segments, SIZE)

    np.testing.assert_allclose(found, twin(name, x, segments, SIZE), atol=1e-5)


def test_softmax_equals_its_twin():
    x, segments = rows_of(60)

    found = segment.segment_softmax(x, segments, SIZE)

    expected = np.zeros(x.shape)
    for place in range(SIZE):
        if (segments == place).any():
            expected[segments == place] = softmax(np.float64(x[segments == place]))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_count_equals_its_twin():
    _, segments = rows_of(60)

    found = segment.segment_count(segments, SIZE)

    np.testing.assert_array_equal(found[:, 0], np.bincount(segments, minlength=SIZE))


@pytest.mark.parametrize("name", ["segment_softmax", "segment_logsumexp"])
def test_exponentials_hold_at_every_size(name):
    x, segments = rows_of(60, scale=1e4)

    found = np.asarray(getattr(segment, name)(x, segments, SIZE))

    assert not np.isnan(found).any()
    assert np.isfinite(found[1]).all()


def test_std_of_rows_that_nearly_agree_keeps_its_digits():
    x = np.float32([[1000.0], [1000.125]])

    found = segment.segment_std(x, np.array([0, 0]), 1)

    np.testing.assert_allclose(found, [[0.0625]], rtol=1e-6)


@pytest.mark.parametrize("name", ["segment_sum", "segment_mean"])
def test_sums_in_half_precision_go_on_growing(name):
    ones = keras.ops.ones((3000, 1), dtype="float16")

    found = getattr(segment, name)(ones, np.zeros(3000, "i4"), 1)

    assert keras.backend.standardize_dtype(found.dtype) == "float16"
    assert float(found[0, 0]) == (3000 if name == "segment_sum" else 1)


@pytest.mark.parametrize("name", [*TWINS, "segment_softmax"])
def test_gradient_is_that_of_small_steps(name):
    import tensorflow as tf

    x, segments = rows_of(12)
    x[segments == segments[0]] = 0.5 if name == "segment_std" else x[:1]
    if name == "segment_max":
        x = RNG.permutation(36).reshape(12, 3).astype("f4")
    x, weight = np.float64(x), RNG.normal(size=(12, 3))

    def total(x):
        value = getattr(segment, name)(x, segments, SIZE)
        finite = keras.ops.where(keras.ops.isfinite(value), value, 0.0)
        return keras.ops.sum(finite * weight[: value.shape[0]])

    variable = tf.Variable(x)
    with tf.GradientTape() as tape:
        value = total(variable)
    gradient = tape.gradient(value, variable).numpy()

    expected = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = 1e-6
        expected[place] = float(total(x + step) - total(x - step)) / 2e-6
    np.testing.assert_allclose(gradient, expected, atol=1e-6)


def test_aggregate_puts_the_kinds_side_by_side():
    x, segments = rows_of(30)
    kinds = ("std", "sum", "max", "mean")

    found = segment.aggregate(x, segments, SIZE, kinds)

    parts = [twin(f"segment_{kind}", x, segments, SIZE) for kind in kinds]
    np.testing.assert_allclose(found, np.concatenate(parts, axis=1), atol=1e-5)


@pytest.mark.parametrize("kinds", [(), ("sum", "sum"), ("sum", "median")])
def test_impossible_kinds_are_refused(kinds):
    with pytest.raises(ValueError, match=r"`aggregation` must name some of"):
        segment.checked_kinds(kinds)


@pytest.mark.parametrize("count", [0, 1, 200])
def test_sorted_aggregate_is_that_of_rows_as_they_come(count):
    x, segments = rows_of(count)
    kinds = tuple(segment.AGGREGATIONS)

    plain, ordered = (
        segment.aggregate(x, segments, SIZE, kinds, sort=sort) for sort in (False, True)
    )

    np.testing.assert_allclose(ordered, plain, atol=1e-6)


def test_gradient_of_permuted_rows_goes_back_to_where_they_were():
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the tape is of TensorFlow")
    import tensorflow as tf

    x, factor = tf.constant(rows_of(5)[0]), rows_of(5)[0]
    order = np.array([3, 0, 4, 1, 2], "i4")

    with tf.GradientTape() as tape:
        tape.watch(x)
        moved = segment.permuted(x, tf.constant(order))
        total = tf.reduce_sum(moved * factor)
    change = tape.gradient(total, x)

    expected = np.empty_like(factor)
    expected[order] = factor
    np.testing.assert_array_equal(moved, x.numpy()[order])
    np.testing.assert_array_equal(change, expected)
