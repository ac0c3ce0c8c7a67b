"""What a scoring function makes of its inputs, found by asking it.

Each input is moved over its plausible range with all others held fast, and the score
is watched. That needs no knowledge of what is inside.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trackdnn.inspection.plausible import Reference

Floats = NDArray[np.float32]
Score = Callable[[Floats, Floats], Floats]

# Rounding alone moves a single-precision sigmoid by this much.
DEAD = 1e-6
_FAINT = 1e-3
_CATEGORIES = np.arange(-1, 64, dtype=np.float32)
_NO_CATEGORY = np.float32(9999.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Responses:
    """How the score answers to each input.

    Args:
        names: Names of the inputs.
        change: Largest change of the score of any track, shape `(inputs,)`.
        broken: For `"NaN"`, `"+Inf"` and `"-Inf"`, the inputs in which it makes a
            score that is not finite.
        categories: The values of the category with a code of their own.
        origin: The tracks that were asked about.
    """

    names: tuple[str, ...]
    change: Floats
    broken: dict[str, tuple[str, ...]]
    categories: tuple[int, ...]
    origin: str

    @property
    def dead(self) -> tuple[str, ...]:
        """Inputs that the score does not depend on."""
        return self._below(DEAD)

    @property
    def faint(self) -> tuple[str, ...]:
        """Inputs that change the score by less than 0.001, but do."""
        return tuple(name for name in self._below(_FAINT) if name not in self.dead)

    def _below(self, limit: float) -> tuple[str, ...]:
        pairs = zip(self.names, self.change, strict=True)
        return tuple(name for name, change in pairs if change < limit)

    def lines(self) -> list[str]:
        """A few lines for people."""
        order = np.argsort(self.change)
        shown = [f"{self.names[i]} {self.change[i]:.1e}" for i in order]
        lines = [
            f"asked about {self.origin}: change of the score over each input's range",
            f"  dead inputs (below {DEAD:g}): {', '.join(self.dead) or 'none'}",
            f"  faint inputs (below {_FAINT:g}): {', '.join(self.faint) or 'none'}",
            f"  weakest: {', '.join(shown[:4])}",
            f"  strongest: {', '.join(shown[:-5:-1])}",
        ]
        for kind, names in self.broken.items():
            where = f"in {_few(names, len(self.names))}" if names else "nowhere"
            lines.append(f"{kind} makes the score not finite: {where}")
        lines.append(_category_line(self.categories))
        return lines

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        changes = [float(change) for change in self.change]
        return {
            "tracks": self.origin,
            "change": dict(zip(self.names, changes, strict=True)),
            "dead": list(self.dead),
            "faint": list(self.faint),
            "not_finite": {kind: list(names) for kind, names in self.broken.items()},
            "categories": list(self.categories),
        }


def measure(score: Score, names: tuple[str, ...], reference: Reference) -> Responses:
    """Ask a scoring function about every input.

    Args:
        score: From features `(rows, inputs)` and category `(rows, 1)` to `(rows, 1)`.
        names: Names of the inputs.
        reference: Tracks to start from and values to try.
    """
    return Responses(
        names=names,
        change=_changes(score, reference),
        broken={
            kind: _not_finite(score, names, reference, value)
            for kind, value in (("NaN", np.nan), ("+Inf", np.inf), ("-Inf", -np.inf))
        },
        categories=_known_categories(score, reference),
        origin=reference.origin,
    )


def vary(reference: Reference, column: int) -> tuple[Floats, Floats]:
    """The reference tracks once per value of one input.

    Returns:
        Features of shape `(steps * tracks, inputs)` and category of as many rows.
    """
    values = reference.values[column]
    features = np.tile(reference.features, (len(values), 1))
    features[:, column] = np.repeat(values, len(reference.features))
    return features, np.tile(reference.category, (len(values), 1))


def _changes(score: Score, reference: Reference) -> Floats:
    changes = []
    for column in range(reference.features.shape[1]):
        scores = score(*vary(reference, column))
        scores = scores.reshape(-1, len(reference.features))
        changes.append(np.ptp(scores, axis=0).max())
    return np.array(changes, np.float32)


def _not_finite(
    score: Score, names: tuple[str, ...], reference: Reference, value: float
) -> tuple[str, ...]:
    found = []
    for column, name in enumerate(names):
        features = reference.features.copy()
        features[:, column] = value
        if not np.isfinite(score(features, reference.category)).all():
            found.append(name)
    return tuple(found)


def _known_categories(score: Score, reference: Reference) -> tuple[int, ...]:
    """The categories whose scores are not those of a category nobody knows."""

    def scores(category: np.float32) -> Floats:
        return score(reference.features, np.full_like(reference.category, category))

    unknown = scores(_NO_CATEGORY)
    return tuple(
        int(category)
        for category in _CATEGORIES
        if np.abs(scores(category) - unknown).max() > DEAD
    )


def _few(names: tuple[str, ...], total: int) -> str:
    if len(names) == total:
        return "any input"
    return ", ".join(names)


def _category_line(categories: tuple[int, ...]) -> str:
    if not categories:
        return "category: without effect"
    first, last = min(categories), max(categories)
    whole = len(categories) == last - first + 1
    text = f"{first} to {last}" if whole else ", ".join(map(str, categories))
    return f"category: {text} have codes of their own, all others share one"
