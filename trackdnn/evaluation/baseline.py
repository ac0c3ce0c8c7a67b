"""Gradient-boosted trees on the same inputs: the bar that a network has to clear.

scikit-learn's HistGradientBoostingClassifier takes the 29 inputs as they are (trees
need no scaling, and missing values have a branch of their own) and `originalAlgo` as
a categorical input. It stops when the log loss of held-out events no longer falls.
"""

from __future__ import annotations

import dataclasses
import os
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from trackdnn.errors import NoTracksError
from trackdnn.evaluation.metrics import check_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.data.tracks import Tracks

# More tracks than this would make an evaluation wait for minutes; the benchmark of the
# classifiers takes them all.
MOST_TRACKS = 500_000
HELD_OUT = 0.1
TRACKS_PER_THREAD = 50_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class BoostingSettings:
    """Settings of the trees.

    Args:
        iterations: Most trees.
        learning_rate: Shrinkage of each tree.
        leaves: Most leaves of a tree.
        patience: Trees without progress on the held-out events before it stops.
    """

    iterations: int = 500
    learning_rate: float = 0.1
    leaves: int = 63
    patience: int = 20


@dataclasses.dataclass(frozen=True)
class BoostingBaseline:
    """Trained trees.

    Args:
        trees: The fitted scikit-learn classifier.
        vocabulary: Int32 array: the `originalAlgo` values seen in training.
    """

    trees: Any
    vocabulary: NDArray[np.int32]

    def predict(self, tracks: Tracks) -> NDArray[np.float64]:
        """Probability of a true track, float64 of shape `(tracks,)`."""
        columns = _columns(tracks, self.vocabulary)
        with _threads(len(tracks)):
            probability: NDArray[np.float64] = self.trees.predict_proba(columns)[:, 1]
        return probability

    @property
    def count(self) -> int:
        """Number of trees after early stopping."""
        return int(self.trees.n_iter_)


def train_baseline(
    tracks: Tracks,
    *,
    seed: int,
    random: np.random.Generator,
    settings: BoostingSettings | None = None,
    most_tracks: int = MOST_TRACKS,
) -> BoostingBaseline:
    """Train on a random part of the events and stop on the rest of them.

    Args:
        tracks: Training tracks with labels; tracks of evaluation must not be there.
        seed: Seed of the trees.
        random: Where the held-out events and the subsample come from.
        settings: Settings of the trees.
        most_tracks: Most tracks to train on, a random subsample if there are more.

    Raises:
        NoTracksError: If there are no labelled tracks.
        InputError: If only one class is there.
    """
    events = np.unique(tracks.event)
    held = random.choice(events, max(1, int(HELD_OUT * len(events))), replace=False)
    outside = np.isin(tracks.event, held)
    rows = np.flatnonzero(~outside)
    if len(rows) > most_tracks:
        rows = np.sort(random.choice(rows, most_tracks, replace=False))
    return fit_trees(
        tracks.take(rows), tracks.take(outside), seed=seed, settings=settings
    )


def fit_trees(
    train: Tracks,
    validation: Tracks,
    *,
    seed: int,
    settings: BoostingSettings | None = None,
) -> BoostingBaseline:
    """Fit trees on `train`, stopping on `validation`.

    Args:
        train: Tracks with labels of both classes.
        validation: Tracks with labels, of other events.
        seed: Seed of the trees.
        settings: Settings of the trees.

    Raises:
        NoTracksError: If there are no labelled tracks.
        InputError: If `train` holds one class only.
    """
    # scikit-learn takes a second to import; commands without a baseline do not wait.
    from sklearn.ensemble import HistGradientBoostingClassifier

    settings = settings or BoostingSettings()
    label, stop = _labels(train), _labels(validation)
    check_scores(np.zeros(len(label), np.float32), label)
    vocabulary = np.unique(train.category).astype(np.int32)
    trees = HistGradientBoostingClassifier(
        max_iter=settings.iterations,
        learning_rate=settings.learning_rate,
        max_leaf_nodes=settings.leaves,
        n_iter_no_change=settings.patience,
        early_stopping=True,
        categorical_features=[train.features.shape[1]],
        random_state=seed,
    )
    with _threads(len(train)):
        trees.fit(
            _columns(train, vocabulary),
            label,
            X_val=_columns(validation, vocabulary),
            y_val=stop,
        )
    return BoostingBaseline(trees, vocabulary)


def _threads(tracks: int) -> AbstractContextManager[Any]:
    """As many threads as there is work for.

    OpenMP's threads spin while they wait for each other: on a busy machine, small trees
    grow twenty times slower on two threads than on one. scikit-learn must have been
    imported, or its threads are not found.
    """
    most = min(os.cpu_count() or 1, tracks // TRACKS_PER_THREAD)
    limits: AbstractContextManager[Any] = threadpool_limits(
        max(1, most), user_api="openmp"
    )
    return limits


def _labels(tracks: Tracks) -> NDArray[np.bool_]:
    if tracks.label is None or not len(tracks):
        raise NoTracksError(
            "The boosting baseline must have labelled tracks to train on and to stop "
            f"on. Received: tracks={len(tracks)}, "
            f"labels={'no' if tracks.label is None else 'yes'}. "
            "Take more events, or set evaluation.boosting_baseline=false"
        )
    return tracks.label


def _columns(tracks: Tracks, vocabulary: NDArray[np.int32]) -> NDArray[np.float32]:
    """The inputs and the code of the category, float32 of shape `(tracks, 30)`."""
    code = np.searchsorted(vocabulary, tracks.category)
    code = np.minimum(code, len(vocabulary) - 1)
    known = vocabulary[code] == tracks.category
    # An algorithm that training did not see goes where missing values go.
    category = np.where(known, code, np.nan).astype(np.float32)
    return np.column_stack([tracks.features, category])
