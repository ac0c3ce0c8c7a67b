"""Joins blocks of tracks without holding all of them twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.data.features import FEATURES
from trackdnn.data.tracks import Tracks

if TYPE_CHECKING:
    from numpy.typing import NDArray


def join(blocks: list[Tracks], sample_names: tuple[str, ...]) -> Tracks:
    """All tracks of the blocks, in order.

    A column that some blocks lack (the label, an extra) is left out of the result.
    The list is emptied, so that each block's memory is free once it is copied.

    Args:
        blocks: Tracks of chunks; their `sample` holds indices into `sample_names`.
        sample_names: Names of all samples.

    Returns:
        The tracks; possibly none.
    """
    extras = (
        set.intersection(*(set(block.extras) for block in blocks)) if blocks else ()
    )
    labelled = bool(blocks) and all(block.label is not None for block in blocks)
    labels = [b.label for b in blocks if b.label is not None] if labelled else []
    small = {
        "category": _concatenate([block.category for block in blocks], np.int32),
        "event": _concatenate([block.event for block in blocks], np.uint64),
        "sample": _concatenate([block.sample for block in blocks], np.int16),
    }
    more = {
        name: _concatenate([block.extras[name] for block in blocks], np.float32)
        for name in sorted(extras)
    }
    label = _concatenate(labels, np.bool_) if labelled else None
    return Tracks(
        features=_join_features(blocks),
        label=label,
        sample_names=sample_names,
        extras=more,
        **small,
    )


def _concatenate(parts: list[NDArray], dtype: type) -> NDArray:  # type: ignore[type-arg]
    return np.concatenate(parts) if parts else np.empty(0, dtype)


def _join_features(blocks: list[Tracks]) -> NDArray[np.float32]:
    end = sum(len(block) for block in blocks)
    features = np.empty((end, len(FEATURES)), dtype=np.float32)
    # Pages of `features` come into being as they are filled, while blocks go.
    while blocks:
        block = blocks.pop()
        features[end - len(block) : end] = block.features
        end -= len(block)
    return features
