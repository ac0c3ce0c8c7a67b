"""Cuts of a builder, chosen on events that nothing else was trained on.

The merit is the efficiency less the fake rate, both of the first row of the preset of
`finding.judgement`: double majority, for particles above its `min_pt`. Of equally good
cuts the first of the grid stands.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

from trackdnn.tracking.builder import make_builder
from trackdnn.tracking.judgement import Judgement, judge
from trackdnn.tracking.presets import definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding import FindingSettings

# What is tried for each builder, by setting.
GRIDS: dict[str, dict[str, tuple[float, ...]]] = {
    "components": {"cut": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)},
    "walkthrough": {"cut": (0.05, 0.1, 0.2, 0.3), "add": (0.1, 0.2, 0.3, 0.5, 0.7)},
    "dbscan": {"radius": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)},
    "hdbscan": {"cut": (0.1, 0.3, 0.5, 0.7, 0.9)},
}


@dataclasses.dataclass(frozen=True)
class Tuned:
    """What tuning has found.

    Args:
        settings: With the best cuts.
        tried: For each point of the grid its cuts, efficiency, fake rate and merit;
            empty where there was nothing to judge by.
    """

    settings: FindingSettings
    tried: list[dict[str, float]]


def tune(
    settings: FindingSettings,
    events: Iterable[Event],
    scored: Callable[[Event], Graph],
    step: Callable[[], None] = lambda: None,
) -> Tuned:
    """Tries the grid of the builder in use.

    Args:
        settings: The branch `finding`.
        events: With truth; each is gone through once.
        scored: Edges with scores of an event.
        step: Called after each event.
    """
    points = _points(settings)
    row = definitions(settings.judgement)[0]
    sums = [Judgement() for _ in points]
    for event in events:
        graph = scored(event)
        for place, point in enumerate(points):
            tracks = make_builder(point).build(event, graph)
            sums[place] += judge(event, tracks, [row])
        step()
    tried = []
    for point, judgement in zip(points, sums, strict=True):
        counts = judgement.counts.get(row)
        if counts is None or not counts.particles:
            return Tuned(settings, [])
        efficiency = counts.found / counts.particles
        fake = counts.fakes / max(counts.tracks, 1)
        cuts = {name: getattr(point.builder_settings, name) for name in _grid(settings)}
        tried.append(
            {**cuts, "efficiency": efficiency, "fake": fake, "merit": efficiency - fake}
        )
    best = max(range(len(points)), key=lambda place: tried[place]["merit"])
    return Tuned(points[best], tried)


def _grid(settings: FindingSettings) -> dict[str, tuple[float, ...]]:
    return GRIDS[settings.builder]


def _points(settings: FindingSettings) -> list[FindingSettings]:
    grid = _grid(settings)
    return [
        with_cuts(settings, dict(zip(grid, values, strict=True)))
        for values in itertools.product(*grid.values())
    ]


def with_cuts(settings: FindingSettings, cuts: dict[str, Any]) -> FindingSettings:
    """The settings with other values in the block of the builder in use."""
    block = settings.builder_settings.model_copy(update=cuts)
    return settings.model_copy(update={settings.builder: block})
