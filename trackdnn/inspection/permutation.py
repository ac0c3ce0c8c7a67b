"""What is lost when the values of one input are shuffled among real tracks.

Shuffling keeps the distribution of an input and cuts its tie to the others. A strongly
correlated partner can stand in for it: a small figure does not mean that an input is
useless.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.data.features import CATEGORY_BRANCH, FEATURE_NAMES
from trackdnn.evaluation.importance import permutation_importance
from trackdnn.evaluation.metrics import auc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.data.tracks import Tracks
    from trackdnn.inspection.responses import Score

MOST_TRACKS = 20_000
_SEED = 31
_REPEATS = 3


@dataclasses.dataclass(frozen=True, kw_only=True)
class Permuted:
    """Effect of shuffling each input among tracks.

    Args:
        tracks: How many tracks were shuffled.
        change: Mean |change of the score|, by input.
        auc: Area under the ROC curve before; `None` without true and fake tracks.
        drop: What shuffling takes from it, by input; empty without `auc`.
    """

    tracks: int
    change: dict[str, float]
    auc: float | None
    drop: dict[str, float]

    @property
    def heads(self) -> list[str]:
        """Titles of its columns in a table."""
        return ["shuffled", *(["AUC lost"] if self.drop else [])]

    def cells(self, name: str) -> list[str]:
        """Its columns for one input."""
        cells = [f"{self.change[name]:.2g}"]
        return [*cells, f"{self.drop[name]:.2g}"] if self.drop else cells

    def line(self) -> str:
        """A line for people."""
        text = f"shuffled among {self.tracks:,} tracks"
        if self.auc is None:
            return f"{text}: mean |change of the score| (no labels of both classes)"
        lost = f"what the AUC of {self.auc:.5f} loses"
        return f"{text}: mean |change of the score|, and {lost}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dataclasses.asdict(self)


def permute(score: Score, tracks: Tracks) -> Permuted:
    """Shuffle each input of the track classifier among tracks.

    Args:
        score: From rows `(rows, columns)` to scores `(rows, outputs)`; the first
            output counts. The category is the last column.
        tracks: Tracks, with labels or without.
    """
    rng = np.random.default_rng(_SEED)
    if len(tracks) > MOST_TRACKS:
        tracks = tracks.take(np.sort(rng.permutation(len(tracks))[:MOST_TRACKS]))

    def predict(some: Tracks) -> NDArray[np.floating]:
        return score(table(some))[:, 0]

    before = predict(tracks)
    change = {
        name: float(np.nanmean(np.abs(score(rows)[:, 0] - before)))
        for name, rows in _shuffled(table(tracks), rng)
    }
    drops = permutation_importance(
        predict, tracks, repeats=_REPEATS, most_tracks=MOST_TRACKS, random=rng
    )
    # Without true and fake tracks there are no drops.
    label = tracks.label if drops else None
    return Permuted(
        tracks=len(tracks),
        change=change,
        auc=None if label is None else float(auc(before, label)),
        drop={one.name: one.drop for one in drops},
    )


def table(tracks: Tracks) -> NDArray[np.float32]:
    """Features and category side by side."""
    return np.column_stack([tracks.features, tracks.category]).astype(np.float32)


def _shuffled(rows: NDArray[np.float32], rng: np.random.Generator) -> Any:
    for column, name in enumerate((*FEATURE_NAMES, CATEGORY_BRANCH)):
        mixed = rows.copy()
        mixed[:, column] = rng.permutation(rows[:, column])
        yield name, mixed
