"""The losses of the track classifiers, by name."""

from __future__ import annotations

import difflib

import keras

LOSSES = {
    "binary_crossentropy": keras.losses.BinaryCrossentropy,
    "binary_focal_crossentropy": keras.losses.BinaryFocalCrossentropy,
}


def loss(name: str):
    """A loss per track, to be weighted and averaged by whoever trains.

    Args:
        name: One of `LOSSES`.

    Returns:
        `keras.losses.Loss` of `(labels, scores)`, both of shape `(batch, 1)`, that
        gives shape `(batch,)`.

    Raises:
        ValueError: If there is no loss of that name; the nearest name is given.
    """
    if name not in LOSSES:
        close = difflib.get_close_matches(name, LOSSES, n=1, cutoff=0.4)
        hint = f". Did you mean '{close[0]}'?" if close else ""
        raise ValueError(
            f"`loss` must be one of {sorted(LOSSES)}. Received: loss={name!r}{hint}"
        )
    return LOSSES[name](reduction=None)
