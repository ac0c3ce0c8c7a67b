"""The module map as a constructor of graphs (docs/graphs.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from trackdnn.data.randomness import generator
from trackdnn.errors import InputError
from trackdnn.graphs.graph import graph_of
from trackdnn.graphs.module_map.confirming import find_fits
from trackdnn.graphs.module_map.files import read_map, write_map
from trackdnn.graphs.module_map.geometry import doublets
from trackdnn.graphs.module_map.learning import Learner
from trackdnn.graphs.module_map.regions import places_of
from trackdnn.graphs.module_map.scoring import bins_of, learn_scoring
from trackdnn.graphs.module_map.search import find_doublets
from trackdnn.graphs.progress import watched

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.graphs.module_map.learning import Map
    from trackdnn.graphs.module_map.scoring import Scoring
    from trackdnn.settings.finding import ModuleMapSettings


class ModuleMap:
    """Doublets in learned ranges that are part of a triplet in learned ranges.

    Args:
        settings: What was asked for.
        learned: Regions that tracks connect, and ranges.
        scoring: What tells good doublets from bad ones.
    """

    def __init__(
        self, settings: ModuleMapSettings, learned: Map, scoring: Scoring
    ) -> None:
        self.settings = settings
        self.learned = learned
        self.scoring = scoring

    @classmethod
    def train(
        cls,
        settings: ModuleMapSettings,
        events: Iterable[Event],
        *,
        seed: int,
        progress: bool,
        folder: Path | None = None,
    ) -> Self:
        """Ranges from all events, scores from the first; see `Constructor.train`.

        Raises:
            InputError: If the events have too few true doublets for any range.
        """
        del folder
        learner = Learner(settings, generator(seed, "module map"))
        kept: list[Event] = []
        for event in watched(events, enabled=progress, what="module map"):
            learner.add(event)
            if len(kept) < settings.scored:
                kept.append(event)
        learned = learner.learned()
        if not len(learned):
            raise InputError(
                f"A module map needs {settings.least} true doublets of two regions. "
                "Received: none such in the training events. Train on more events, or "
                "lower finding.module_map.least."
            )
        return cls(settings, learned, _scoring(settings, learned, kept))

    def build(self, event: Event) -> Graph:
        """The graph of an event; truth is not looked at."""
        pairs, bins = _candidates(self.settings, self.learned, event)
        score = self.scoring.score(bins)
        good = score >= self.settings.cut
        return graph_of(event, pairs[:, good], score[good])

    def save(self, folder: Path) -> None:
        """Writes the map into an existing folder."""
        write_map(folder, self.learned, self.scoring)

    @classmethod
    def load(cls, settings: ModuleMapSettings, folder: Path) -> Self:
        """Reads what `save` has written.

        Raises:
            BadFileError: If the file is missing or damaged.
        """
        return cls(settings, *read_map(folder))


def _candidates(
    settings: ModuleMapSettings, learned: Map, event: Event
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Confirmed doublets, and their bins of the scoring."""
    places = places_of(event.hits, settings)
    pairs = find_doublets(places, learned)
    found = doublets(places, pairs)
    fits = find_fits(places, pairs, found, learned)
    good = fits.confirmed
    pairs, found, fits = pairs[:, good], found.take(good), fits.take(good)
    return pairs, bins_of(places, pairs, found, fits, learned)


def _scoring(settings: ModuleMapSettings, learned: Map, events: list[Event]) -> Scoring:
    bins, true = [], []
    for event in events:
        pairs, place = _candidates(settings, learned, event)
        first, second = event.owner()[pairs]
        bins.append(place)
        true.append((first == second) & (first >= 0))
    return learn_scoring(bins, true)
