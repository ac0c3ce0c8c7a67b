"""Zeros in the rows that do not exist."""

from __future__ import annotations

from keras import ops


def without_padding(rows, valid):
    """`rows` where they exist, zero elsewhere, whatever stood there.

    Not a product with zero: that would keep NaN, in the value and in the gradient.

    Args:
        rows: Tensor of shape `(batch, rows, features)`.
        valid: Tensor of shape `(batch, rows)`, true where a row exists; `None` for all.

    Returns:
        Tensor of the shape of `rows`.

    Source:
        This project.
    """
    if valid is None:
        return rows
    exists = ops.expand_dims(ops.cast(valid, "bool"), -1)
    return ops.where(exists, rows, ops.zeros_like(rows))
