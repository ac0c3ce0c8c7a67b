"""Whole definitions of efficiency, fakes and duplicates, under the names of their use.

A preset is a set of rows of one table; docs/judgement.md holds them as formulas.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from trackdnn.tracking.denominators import Wanted
from trackdnn.tracking.matching import Matching

if TYPE_CHECKING:
    from trackdnn.settings.finding import JudgementSettings

PRESETS = ("trackdnn", "hypertrack", "exatrkx", "gnn_tracking")
_STYLES = ("double_majority", "perfect", "lhc", "atlas", "one_way")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Definition:
    """One row of a table of figures.

    Args:
        preset: Whose definition it is.
        matching: When a track has found a particle.
        wanted: Which particles are asked for.
        min_hits: Fewest hits of a track that can match.
        short_tracks: Whether tracks with fewer hits count, as fakes.
        outside_is_fake: Whether a track of a particle that is not asked for is a fake;
            if not it is neither a success nor a fake.
        majority_wanted: Whether only tracks count whose majority particle is asked
            for, so that no track of noise is ever a fake.
        per_found: Whether duplicates are counted among wanted particles only, per
            particle found; otherwise among all, per track.
    """

    preset: str
    matching: Matching
    wanted: Wanted
    min_hits: int
    short_tracks: bool = False
    outside_is_fake: bool = False
    majority_wanted: bool = False
    per_found: bool = False

    def __str__(self) -> str:
        short = "fewer are fakes" if self.short_tracks else "fewer do not count"
        words = [
            f"{self.preset}: of {self.wanted}",
            f"tracks of >= {self.min_hits} hits, {short}",
        ]
        if self.outside_is_fake:
            words.append("a track of any other particle is a fake")
        if self.per_found:
            words.append("duplicates per particle found")
        return "; ".join(words)

    @property
    def name(self) -> str:
        """Unique among the rows of all presets."""
        tracks = ", of wanted majority" if self.majority_wanted else ""
        return f"{self.preset}: {self.matching.title}{tracks}"


def definitions(settings: JudgementSettings) -> list[Definition]:
    """The rows of the preset of the settings; the first is the one for plots."""
    if settings.preset == "trackdnn":
        return _trackdnn(settings)
    made = {
        "hypertrack": _hypertrack,
        "exatrkx": _exatrkx,
        "gnn_tracking": _gnn_tracking,
    }
    return made[settings.preset]()


def _trackdnn(settings: JudgementSettings) -> list[Definition]:
    wanted = Wanted(
        min_hits=settings.min_hits,
        counted="layers",
        min_pt=settings.min_pt,
        max_abs_eta=settings.max_abs_eta,
        charged=True,
    )
    return [
        Definition(
            preset="trackdnn",
            matching=Matching(style),
            wanted=wanted,
            min_hits=settings.min_hits,
        )
        for style in _STYLES
    ]


def _hypertrack() -> list[Definition]:
    """`mieskolainen/hypertrack:hypertrack/measures.py`."""
    return [
        Definition(
            preset="hypertrack",
            matching=Matching("double_majority"),
            wanted=Wanted(min_hits=4),
            min_hits=4,
            short_tracks=True,
            outside_is_fake=True,
        )
    ]


def _exatrkx() -> list[Definition]:
    """Step 6 of Exa.TrkX' quickstart, with its input cuts as denominators."""
    return [
        Definition(
            preset="exatrkx",
            matching=Matching(style),
            wanted=Wanted(min_hits=3, min_pt=1.0, max_abs_eta=4.0),
            min_hits=3,
            per_found=True,
        )
        for style in ("atlas", "one_way", "two_way")
    ]


def _gnn_tracking() -> list[Definition]:
    """`gnn-tracking/gnn_tracking:src/gnn_tracking/metrics/cluster_metrics.py`."""
    wanted = Wanted(
        min_hits=3, counted="layer_ids", min_pt=0.9, with_min=True, max_abs_eta=4.0
    )
    return [
        Definition(
            preset="gnn_tracking",
            matching=Matching(style),
            wanted=wanted,
            min_hits=3,
            majority_wanted=theirs,
        )
        for theirs in (True, False)
        for style in ("double_majority", "perfect", "lhc")
    ]
