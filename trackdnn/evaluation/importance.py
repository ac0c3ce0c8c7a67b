"""Permutation importance: what the AUC loses when one input is shuffled.

Shuffling one column among the tracks keeps its distribution and cuts its tie to the
label and to the other columns. A strongly correlated partner can stand in for it, so
a small figure does not mean that the input is useless.
Source: L. Breiman, Random forests, Machine Learning 45 (2001) 5, section 10.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackdnn.data.features import CATEGORY_BRANCH, FEATURE_NAMES
from trackdnn.data.tracks import Tracks
from trackdnn.evaluation import metrics

Predict = Callable[[Tracks], NDArray[np.floating]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Importance:
    """Loss of AUC for one input.

    Args:
        name: Name of the input.
        drop: Mean loss over the repeats.
        spread: Standard deviation over the repeats, 0 for one repeat.
    """

    name: str
    drop: float
    spread: float

    def to_dict(self) -> dict[str, Any]:
        """The figures as plain numbers."""
        return dataclasses.asdict(self)


def permutation_importance(
    predict: Predict,
    tracks: Tracks,
    *,
    repeats: int,
    most_tracks: int,
    random: np.random.Generator,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Importance, ...]:
    """Importance of the regular inputs and of the category, the largest first.

    Args:
        predict: Probabilities of shape `(tracks,)` for given tracks.
        tracks: Tracks with labels, of both classes.
        repeats: Shuffles per input; 0 for none at all.
        most_tracks: Size of the random subsample that is used.
        random: Where the subsample and the shuffles come from.
        progress: Called with the number of inputs done and the number of all.

    Returns:
        One entry per input; empty without repeats, or if the subsample holds one
        class only.
    """
    rows = np.arange(len(tracks))
    if len(rows) > most_tracks:
        rows = np.sort(random.choice(rows, most_tracks, replace=False))
    sample = tracks.take(rows)
    label = sample.label
    if not repeats or label is None or label.all() or not label.any():
        return ()
    before = metrics.auc(predict(sample), label)
    names = [*FEATURE_NAMES, CATEGORY_BRANCH]
    found = []
    for column, name in enumerate(names):
        order = [random.permutation(len(sample)) for _ in range(repeats)]
        # One call for all repeats: a network is quicker on one long batch.
        scores = predict(_shuffled(sample, column, order)).reshape(repeats, -1)
        drops = np.array([before - metrics.auc(one, label) for one in scores])
        spread = float(drops.std(ddof=1)) if repeats > 1 else 0.0
        found.append(Importance(name=name, drop=float(drops.mean()), spread=spread))
        progress(column + 1, len(names))
    return tuple(sorted(found, key=lambda one: -one.drop))


def _shuffled(tracks: Tracks, column: int, orders: list[NDArray[np.int64]]) -> Tracks:
    """The tracks once per order, with one column shuffled in each copy."""
    order = np.concatenate(orders)
    copies = tracks.take(np.tile(np.arange(len(tracks)), len(orders)))
    if column == len(FEATURE_NAMES):
        return dataclasses.replace(copies, category=tracks.category[order])
    features = copies.features.copy()
    features[:, column] = tracks.features[order, column]
    return dataclasses.replace(copies, features=features)
