"""Cuts of a builder, chosen on events that nothing else was trained on.

The merit is the efficiency less the fake rate, both of the first row of the preset of
`finding.judgement`: double majority, for particles above its `min_pt`. A grid is gone
through first; with `finding.tuning.method=optuna` trials between its points follow. Of
equally good cuts the first that was tried stands.
"""

from __future__ import annotations

import dataclasses
import itertools
from functools import partial
from typing import TYPE_CHECKING, Any

from trackdnn.search.dimensions import Range
from trackdnn.search.methods import check_optuna
from trackdnn.tracking.contingency import contingency_of
from trackdnn.tracking.judgement import Counts, count, verdicts
from trackdnn.tracking.pipeline.building import build_tracks
from trackdnn.tracking.pipeline.trials import go_on
from trackdnn.tracking.presets import definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import FindingSettings
    from trackdnn.tracking.builders.pivots import Masks
    from trackdnn.tracking.found import FoundTracks
    from trackdnn.tracking.joining.joining import TrackJoining
    from trackdnn.tracking.pipeline.trials import Cuts
    from trackdnn.tracking.selection.selection import TrackSelection

# What is tried for each builder, by setting.
GRIDS: dict[str, dict[str, tuple[float, ...]]] = {
    "components": {"cut": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)},
    "walkthrough": {"cut": (0.05, 0.1, 0.2, 0.3), "add": (0.1, 0.2, 0.3, 0.5, 0.7)},
    "dbscan": {"radius": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)},
    "hdbscan": {"cut": (0.1, 0.3, 0.5, 0.7, 0.9)},
    "pivots": {"cut": (0.05, 0.1, 0.2, 0.3), "mask_cut": (0.3, 0.5, 0.7)},
}
_WIDE = Range(low=0.01, high=0.99, step=0.01)
_COARSE = Range(low=0.05, high=0.95, step=0.05)
# For edges that are there at all: few are worth anything with a high cut.
_LOW = Range(low=0.005, high=0.5, step=0.005)
# Where trials after the grid draw from, by setting.
RANGES: dict[str, dict[str, Range]] = {
    "components": {"cut": _WIDE},
    "walkthrough": {"cut": _LOW, "add": _WIDE},
    "dbscan": {"radius": _WIDE},
    "hdbscan": {"cut": _WIDE, "radius": Range(low=0.0, high=0.9, step=0.05)},
    "pivots": {"cut": _LOW, "walk_cut": _COARSE, "mask_cut": _COARSE},
}
# What is tried of `finding.selection.cut`, where tracks are selected.
SELECTION = "selection"
_SELECTED = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
_SELECTABLE = Range(low=0.0, high=0.9, step=0.02)
# Tried as well where `finding.tuning.vary_min_hits` says so.
_LENGTHS = Range(low=3, high=4)


@dataclasses.dataclass(frozen=True)
class Tuned:
    """What tuning has found.

    Args:
        settings: With the best cuts.
        tried: For each point its cuts, efficiency, fake rate and merit, those of the
            grid first; empty where there was nothing to judge by.
    """

    settings: FindingSettings
    tried: list[dict[str, float]]


def tune(
    settings: FindingSettings,
    events: Iterable[Event],
    scored: Callable[[Event], Graph],
    step: Callable[[], None] = lambda: None,
    *,
    seed: int = 1,
    masks: Masks | None = None,
    joining: TrackJoining | None = None,
    selection: TrackSelection | None = None,
) -> Tuned:
    """Tries the grid of the builder in use, and perhaps more.

    Args:
        settings: The branch `finding`.
        events: With truth; each is gone through once. With `optuna` all stay in memory,
            with their edges.
        scored: Edges with scores of an event.
        step: Called as often as `steps` says.
        seed: Of the trials.
        masks: The pivot transformer, where the finder has one.
        joining: Of broken tracks, where the finder has one.
        selection: Of tracks, where the finder has one; its cut is tuned, too.

    Raises:
        MissingExtraError: If trials are asked for, and Optuna is not installed.
    """
    bench, points = _Bench(settings, masks, joining, selection), _points(settings)
    sums = [Counts() for _ in points]
    kept = []
    for event in events:
        graph = scored(event)
        for place, cuts in enumerate(points):
            sums[place] += bench.counts(cuts, event, graph)
        if settings.tuning.method == "optuna":
            kept.append((event, graph))
        step()
    if not sums[0].particles:
        return Tuned(settings, [])
    tried = [bench.row(cuts, of) for cuts, of in zip(points, sums, strict=True)]
    if settings.tuning.method == "optuna":
        trials, ranges = settings.tuning.trials, _ranges(settings)
        judged = partial(bench.judged, seen=kept)
        tried += go_on(ranges, tried, judged, trials=trials, seed=seed, step=step)
    best = max(tried, key=lambda one: one["merit"])
    cuts = {name: best[name] for name in points[0]}
    return Tuned(with_cuts(settings, cuts), tried)


def steps(settings: FindingSettings, events: int) -> int:
    """How many steps a tuning has: one for each event, and one for each trial."""
    trials = settings.tuning.trials if settings.tuning.method == "optuna" else 0
    return events + (trials if events else 0)


def with_cuts(settings: FindingSettings, cuts: dict[str, Any]) -> FindingSettings:
    """The settings with other values in the block of the builder in use.

    That of the name `SELECTION` is the cut of the selection.
    """
    own = {name: cut for name, cut in cuts.items() if name != SELECTION}
    block = settings.builder_settings.model_copy(update=own)
    update: dict[str, Any] = {settings.builder: block}
    if SELECTION in cuts:
        selection = settings.selection.model_copy(update={"cut": cuts[SELECTION]})
        update["selection"] = selection
    return settings.model_copy(update=update)


def check_tuning(settings: FindingSettings) -> None:
    """Makes sure that what the tuning needs is installed.

    Raises:
        MissingExtraError: If it is not.
    """
    if settings.tuning.method == "optuna":
        check_optuna("`finding.tuning.method=optuna`")


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Built:
    """Tracks of an event by some cuts of a builder, with their scores, if any."""

    event: Event
    block: Any
    tracks: FoundTracks
    score: Any


class _Bench:
    """Judges cuts.

    Args:
        settings: The branch `finding`.
        masks: The pivot transformer, if any.
        joining: Of broken tracks, if any.
        selection: Of tracks, if any.
    """

    def __init__(
        self,
        settings: FindingSettings,
        masks: Masks | None,
        joining: TrackJoining | None,
        selection: TrackSelection | None,
    ) -> None:
        self._settings, self._masks, self._joining = settings, masks, joining
        self._definition = definitions(settings.judgement)[0]
        self._selection = selection
        self._last: _Built | None = None

    def counts(self, cuts: Cuts, event: Event, graph: Graph) -> Counts:
        """What the rates of an event are made of."""
        built = self._built(cuts, event, graph)
        tracks = built.tracks
        if SELECTION in cuts:
            tracks = tracks.take(built.score > cuts[SELECTION])
        table = contingency_of(event, tracks)
        return count(verdicts(event, table, self._definition))

    def _built(self, cuts: Cuts, event: Event, graph: Graph) -> _Built:
        """The last tracks again, where nothing but the cut of the selection differs."""
        settings = with_cuts(self._settings, cuts)
        last, block = self._last, settings.builder_settings
        if last is not None and last.event is event and last.block == block:
            return last
        tracks = build_tracks(
            settings, event, graph, masks=self._masks, joining=self._joining
        )
        chosen = self._selection
        score = None if chosen is None else chosen.score(event, graph, tracks)
        self._last = _Built(event=event, block=block, tracks=tracks, score=score)
        return self._last

    def row(self, cuts: Cuts, counts: Counts) -> dict[str, float]:
        """Cuts, and how good they are."""
        efficiency = counts.found / counts.particles
        fake = counts.fakes / max(counts.tracks, 1)
        merit = efficiency - self._settings.tuning.fake_weight * fake
        return {**cuts, "efficiency": efficiency, "fake": fake, "merit": merit}

    def judged(self, cuts: Cuts, seen: Sequence[tuple[Event, Graph]]) -> Cuts:
        """The row of some cuts on events with scored edges."""
        every = (self.counts(cuts, event, graph) for event, graph in seen)
        return self.row(cuts, sum(every, Counts()))


def _ranges(settings: FindingSettings) -> dict[str, Range]:
    lengths = {"min_hits": _LENGTHS} if settings.tuning.vary_min_hits else {}
    selection = {SELECTION: _SELECTABLE} if settings.selection.enabled else {}
    return RANGES[settings.builder] | lengths | selection


def _points(settings: FindingSettings) -> list[Cuts]:
    """The grid; what it does not vary, but trials do, has the value of the settings."""
    grid, ranges = GRIDS[settings.builder], _ranges(settings)
    if "min_hits" in ranges:
        grid = grid | {"min_hits": (_LENGTHS.low, _LENGTHS.high)}
    if SELECTION in ranges:
        # Last, so that tracks are built once for all of its values.
        grid = grid | {SELECTION: _SELECTED}
    block = settings.builder_settings
    own = {name: getattr(block, name) for name in ranges if name != SELECTION}
    every = itertools.product(*grid.values())
    return [own | dict(zip(grid, values, strict=True)) for values in every]
