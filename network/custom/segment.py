"""Sums, means and more over segments: what the edges of each node amount to.

Segment `n` holds the rows `e` with `segments[e] == n`, in any order::

    sum_n       = sum x_e
    mean_n      = sum x_e / count_n
    std_n       = sqrt(sum (x_e - mean_n)^2 / count_n)
    max_n       = max x_e
    softmax_e   = exp(x_e - max_n) / sum exp(x_f - max_n)         f in the segment of e
    logsumexp_n = max_n + log sum exp(x_e - max_n)

A segment without rows has 0, logsumexp -inf. Sums are formed in float32 where the rows
come in half precision, in which a sum of some thousand numbers stops to grow.
`ops.segment_sum` is the form that both backends run fast, and for which
`export/segment_handlers.py` knows the ONNX form; `ops.scatter` is not.
"""

from __future__ import annotations

from keras import ops

HALF = ("float16", "bfloat16")


def segment_sum(x, segments, size):
    """Sum of the rows of each segment.

    Args:
        x: Float tensor of shape `(rows, ...)`.
        segments: Integer tensor of shape `(rows,)`, each from 0 to `size - 1`.
        size: Number of segments, an integer or an integer tensor of shape `()`.

    Returns:
        Tensor of shape `(size, ...)` and the dtype of `x`.
    """
    total = ops.segment_sum(_wide(x), segments, num_segments=size)
    return ops.cast(total, x.dtype)


def segment_count(segments, size):
    """Number of rows of each segment.

    Args:
        segments: As for `segment_sum`.
        size: As for `segment_sum`.

    Returns:
        Float32 tensor of shape `(size, 1)`.
    """
    ones = ops.ones_like(segments, dtype="float32")[:, None]
    return ops.segment_sum(ones, segments, num_segments=size)


def segment_mean(x, segments, size):
    """Mean of the rows of each segment, 0 where there is none.

    Args:
        x: Float tensor of shape `(rows, width)`.
        segments: As for `segment_sum`.
        size: As for `segment_sum`.

    Returns:
        Tensor of shape `(size, width)` and the dtype of `x`.
    """
    total = ops.segment_sum(_wide(x), segments, num_segments=size)
    return ops.cast(total / _divisor(segments, size, total), x.dtype)


def segment_std(x, segments, size):
    """Standard deviation of the rows of each segment, 0 where there is none.

    In two passes: the mean of squares less the square of the mean would lose the
    digits of rows that nearly agree. Its gradient is 0 where all rows agree.

    Args:
        x: As for `segment_mean`.
        segments: As for `segment_sum`.
        size: As for `segment_sum`.

    Returns:
        Tensor of shape `(size, width)` and the dtype of `x`.
    """
    wide = _wide(x)
    mean = segment_mean(wide, segments, size)
    variance = segment_mean(
        ops.square(wide - ops.take(mean, segments, axis=0)), segments, size
    )
    spread = variance > 0
    root = ops.sqrt(ops.where(spread, variance, 1.0))
    return ops.cast(ops.where(spread, root, 0.0), x.dtype)


def segment_max(x, segments, size):
    """Largest of the rows of each segment, 0 where there is none.

    Args:
        x: As for `segment_mean`.
        segments: As for `segment_sum`.
        size: As for `segment_sum`.

    Returns:
        Tensor of shape `(size, width)` and the dtype of `x`.
    """
    wide = _wide(x)
    largest = ops.segment_max(wide, segments, num_segments=size)
    # Backends fill in the least number or -inf, which no network should see.
    filled = segment_count(segments, size) > 0
    return ops.cast(ops.where(filled, largest, 0.0), x.dtype)


def segment_softmax(x, segments, size):
    """Share of each row in its segment; the shares of a segment add up to 1.

    Args:
        x: Float tensor of shape `(rows, width)`, logits.
        segments: As for `segment_sum`.
        size: As for `segment_sum`.

    Returns:
        Tensor of the shape and dtype of `x`.
    """
    _, power, total = _powers(x, segments, size)
    # At least 1, the power of the largest row.
    return ops.cast(power / ops.take(total, segments, axis=0), x.dtype)


def segment_logsumexp(x, segments, size):
    """Logarithm of the sum of the exponentials of each segment, -inf where none is.

    Args:
        x: Float tensor of shape `(rows, width)`.
        segments: As for `segment_sum`.
        size: As for `segment_sum`.

    Returns:
        Tensor of shape `(size, width)` and the dtype of `x`. Its gradient is the
        softmax of the segment, and finite everywhere.
    """
    largest, _, total = _powers(x, segments, size)
    filled = total > 0
    value = largest + ops.log(ops.where(filled, total, 1.0))
    return ops.cast(ops.where(filled, value, -float("inf")), x.dtype)


AGGREGATIONS = {
    "sum": segment_sum,
    "mean": segment_mean,
    "max": segment_max,
    "std": segment_std,
}


def aggregate(x, segments, size, kinds, sort=False):
    """Several of `AGGREGATIONS` side by side.

    Args:
        x: Float tensor of shape `(rows, width)`.
        segments: As for `segment_sum`.
        size: As for `segment_sum`.
        kinds: Sequence of names.
        sort: Boolean, whether rows are brought into the order of their segments first.
            The result is the same but for rounding, and comes several times sooner
            where the segments of neighbouring rows have nothing to do with each other.

    Returns:
        Tensor of shape `(size, width * len(kinds))`, in the order of `kinds`.
    """
    if sort:
        # All layers on the same edges share the order: equal nodes of a graph are
        # computed once.
        order = ops.argsort(segments)
        x, segments = permuted(x, order), ops.take(segments, order, axis=0)
    parts = [AGGREGATIONS[kind](x, segments, size) for kind in kinds]
    return ops.concatenate(parts, axis=-1)


def permuted(x, order):
    """The rows in another order.

    The gradient goes back by the inverse order: that of `ops.take` does not know that
    each row is taken once, and adds up.

    Args:
        x: Float tensor of shape `(rows, width)`.
        order: Integer tensor of shape `(rows,)`, each of 0 to `rows - 1` once.

    Returns:
        Tensor of the shape and dtype of `x`.
    """

    @ops.custom_gradient
    def take(rows):
        def gradient(*args, upstream=None):
            change = args[0] if upstream is None else upstream
            return ops.take(change, ops.argsort(order), axis=0)

        return ops.take(rows, order, axis=0), gradient

    return take(x)


def checked_kinds(kinds) -> tuple[str, ...]:
    """The kinds of an aggregation as a tuple of names.

    Raises:
        ValueError: If there is none, one is named twice, or one is unknown.
    """
    names = tuple(str(kind) for kind in kinds)
    if not names or len(set(names)) != len(names) or set(names) - set(AGGREGATIONS):
        raise ValueError(
            f"`aggregation` must name some of {tuple(AGGREGATIONS)}, each once. "
            f"Received: aggregation={names}"
        )
    return names


def _wide(x):
    return ops.cast(x, "float32") if x.dtype in HALF else x


def _divisor(segments, size, like):
    return ops.cast(ops.maximum(segment_count(segments, size), 1.0), like.dtype)


def _powers(x, segments, size):
    """Largest row per segment, powers of the rows below it, and their sums."""
    wide = _wide(x)
    largest = ops.stop_gradient(segment_max(wide, segments, size))
    power = ops.exp(wide - ops.take(largest, segments, axis=0))
    return largest, power, ops.segment_sum(power, segments, num_segments=size)
