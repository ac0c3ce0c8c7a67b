"""Scores of tracks from a network in memory, without the overhead of `predict`."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.data.tracks import Tracks


LANES = 8


def predict(model: Any, tracks: Tracks, batch_size: int = 8192) -> NDArray[np.float32]:
    """Probability that each track is a true one.

    Args:
        model: Network with the inputs `[features, category]`.
        tracks: The tracks; labels are not needed.
        batch_size: Tracks per call; bounds the memory.

    Returns:
        Float32 array of shape `(tracks,)`, from 0 to 1.
    """
    score = _compiled(model)
    result = np.empty(len(tracks), np.float32)
    for start in range(0, len(tracks), batch_size):
        part = slice(start, start + batch_size)
        category = tracks.category[part, None].astype(np.float32)
        features = tf.constant(tracks.features[part], tf.float32)
        result[part] = score(features, tf.constant(category)).numpy()[:, 0]
    return result


# The last model only, so that a model is not kept for as long as the process lives.
@functools.lru_cache(maxsize=1)
def _compiled(model: Any) -> Any:
    width = model.inputs[0].shape[-1]

    def score(features: Any, category: Any) -> Any:
        # Side by side, since a training may leave an operation one thread.
        rows = tf.shape(features)[0]
        edges = [rows * lane // LANES for lane in range(LANES + 1)]
        lanes = [slice(*each) for each in itertools.pairwise(edges)]
        found = [model([features[one], category[one]], training=False) for one in lanes]
        return tf.concat(found, 0)

    function = tf.function(score, autograph=False)
    return function.get_concrete_function(
        tf.TensorSpec([None, width], tf.float32), tf.TensorSpec([None, 1], tf.float32)
    )
