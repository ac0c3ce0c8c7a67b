"""What NaN and infinities in an input do to the score."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.inspection.responses import same

if TYPE_CHECKING:
    from trackdnn.inspection.plausible import Reference
    from trackdnn.inspection.responses import Floats, Score

ODD = {"NaN": np.nan, "+Inf": np.inf, "-Inf": -np.inf}
NOT_FINITE = "not finite"
_ROWS = 64
# What an odd value may be taken for, in the order in which it is named.
_VALUES = {"0": 0.0, "1e30": 1e30, "-1e30": -1e30}
_CODES = {"unknown": 9999.0}


@dataclasses.dataclass(frozen=True)
class OddValues:
    """The effect of NaN, +Inf and -Inf in each input.

    Args:
        names: Names of the inputs.
        effects: For `"NaN"`, `"+Inf"` and `"-Inf"` one text per input: `"not finite"`,
            `"no effect"`, `"as 0"`, `"as 1e30"`, `"as -1e30"`, `"as unknown"` for a
            code that the graph does not know, or `"finite"` for a score like none of
            these.
    """

    names: tuple[str, ...]
    effects: dict[str, tuple[str, ...]]

    def broken(self, kind: str) -> tuple[str, ...]:
        """The inputs in which one kind makes a score that is not finite."""
        pairs = zip(self.names, self.effects[kind], strict=True)
        return tuple(name for name, effect in pairs if effect == NOT_FINITE)

    def lines(self) -> list[str]:
        """One line per kind: each effect, and where it is seen."""
        return [f"{kind}: {'; '.join(self._seen(kind))}" for kind in self.effects]

    def _seen(self, kind: str) -> list[str]:
        groups: dict[str, list[str]] = {}
        for name, effect in zip(self.names, self.effects[kind], strict=True):
            groups.setdefault(effect, []).append(name)
        ordered = sorted(groups.items(), key=lambda item: len(item[1]))
        last = len(ordered) - 1
        return [
            f"{_spoken(effect)} {_where(names, len(self.names), last=place == last)}"
            for place, (effect, names) in enumerate(ordered)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Plain values: effect by kind and input."""
        return {
            kind: dict(zip(self.names, effects, strict=True))
            for kind, effects in self.effects.items()
        }


def find_odd_values(score: Score, reference: Reference, size: float) -> OddValues:
    """Put NaN and infinities into one input after the other.

    Args:
        score: From rows `(rows, columns)` to scores `(rows, outputs)`.
        reference: Rows to start from.
        size: Largest |score|, against which rounding is measured.
    """
    rows = reference.rows[:_ROWS]
    start = score(rows)
    effects: dict[str, list[str]] = {kind: [] for kind in ODD}
    for column in range(len(reference.names)):
        known = _CODES if reference.scales[column] == "code" else _VALUES
        taken = {
            name: score(_filled(rows, column, value)) for name, value in known.items()
        }
        for kind, value in ODD.items():
            scores = score(_filled(rows, column, value))
            effects[kind].append(_effect(scores, start, taken, size))
    return OddValues(reference.names, {k: tuple(v) for k, v in effects.items()})


def _filled(rows: Floats, column: int, value: float) -> Floats:
    filled = rows.copy()
    filled[:, column] = value
    return filled


def _effect(
    scores: Floats, start: Floats, taken: dict[str, Floats], size: float
) -> str:
    # Rows without a finite score to begin with say nothing about the odd value.
    told = np.isfinite(start).all(axis=1)
    if (~np.isfinite(scores[told])).any():
        return NOT_FINITE
    if same(scores, start, size).all():
        return "no effect"
    for name, others in taken.items():
        if same(scores, others, size).all():
            return f"as {name}"
    return "finite"


def _spoken(effect: str) -> str:
    return f"taken {effect}" if effect.startswith("as ") else effect


def _where(names: list[str], total: int, *, last: bool) -> str:
    if len(names) == total:
        return "in every input"
    if last and len(names) > total / 2:
        return f"in all {len(names)} others"
    return f"in {', '.join(names)}"
