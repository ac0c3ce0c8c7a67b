"""Figures of one or several finders as the rows of one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackdnn.evaluation.intervals import Fraction
    from trackdnn.tracking.judgement import Counts, Judgement
    from trackdnn.tracking.presets import Definition

HEADINGS = (
    "tracks of",
    "preset",
    "matching",
    "tracks judged",
    "particles",
    "efficiency",
    "tracks",
    "fake rate",
    "duplicate rate",
)


def rows(judged: Mapping[str, Judgement], confidence: float) -> list[tuple[str, ...]]:
    """The table of all definitions, finders of one definition one below the other.

    Args:
        judged: Judgement of each finder by its name.
        confidence: Of the intervals.

    Returns:
        Rows of texts in the order of `HEADINGS`.
    """
    every = dict.fromkeys(
        one for judgement in judged.values() for one in judgement.counts
    )
    return [
        _row(name, definition, judgement.counts[definition], confidence)
        for definition in every
        for name, judgement in judged.items()
        if definition in judgement.counts
    ]


def footnotes(judged: Mapping[str, Judgement]) -> list[str]:
    """What each preset of the table asks for, one line each."""
    every = (one for judgement in judged.values() for one in judgement.counts)
    return list(dict.fromkeys(str(one) for one in every))


def score_lines(judged: Mapping[str, Judgement]) -> list[str]:
    """One line per finder with its TrackML score."""
    return [_score_line(name, judgement) for name, judgement in judged.items()]


def text(fraction: Fraction, digits: int = 4) -> str:
    """A rate with its distances to the ends of its interval: `0.9312 -0.0021 +0.0020`.

    Args:
        fraction: The rate.
        digits: After the point.
    """
    if fraction.value is None:
        return "-"
    value = f"{fraction.value:.{digits}f}"
    if fraction.lower is None or fraction.upper is None:
        return value
    down = max(fraction.value - fraction.lower, 0.0)
    up = max(fraction.upper - fraction.value, 0.0)
    return f"{value} -{down:.{digits}f} +{up:.{digits}f}"


def _row(
    name: str, definition: Definition, counts: Counts, confidence: float
) -> tuple[str, ...]:
    duplicates = counts.duplicate_rate(confidence, per_found=definition.per_found)
    return (
        name,
        definition.preset,
        definition.matching.title,
        "majority wanted" if definition.majority_wanted else "all",
        str(counts.particles),
        text(counts.efficiency(confidence)),
        str(counts.tracks),
        text(counts.fake_rate(confidence)),
        text(duplicates),
    )


def _score_line(name: str, judgement: Judgement) -> str:
    score = judgement.score
    if score.mean is None or score.mean_weight is None:
        return f"{name}: no TrackML score, no hit has a weight"
    line = f"{name}: TrackML score {score.mean:.6f}"
    # Weights that sum to 1 make both figures the same.
    if abs(score.total - score.events) > 1e-3 * score.events:
        share = score.total / score.events
        line += f" ({score.mean_weight:.6f} with weights that sum to {share:.6f})"
    return line
