"""Metric learning as a constructor of graphs (docs/metric_learning.md)."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from trackdnn.events.features import feature_table, node_features
from trackdnn.graphs.graph import graph_of
from trackdnn.graphs.metric_learning.files import Places, read_places, write_places
from trackdnn.graphs.neighbours import search

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings.finding.metric_learning import MetricLearningSettings


class MetricLearning:
    """Pairs of hits that are close in a learned space.

    Args:
        settings: What was asked for.
        places: Gives hits their places.
        history: One entry per epoch of the training.
    """

    def __init__(
        self,
        settings: MetricLearningSettings,
        places: Places,
        history: Sequence[dict[str, Any]] = (),
    ) -> None:
        self.settings = settings
        self.places = places
        self.history = history

    @classmethod
    def train(
        cls,
        settings: MetricLearningSettings,
        events: Iterable[Event],
        *,
        seed: int,
        progress: bool,
        folder: Path | None = None,
    ) -> Self:
        """Trains the network; see `Constructor.train`.

        Raises:
            InputError: If fewer than two events have true edges.
            Stopped: At a signal, once a checkpoint is written.
        """
        from export.graph_network import convert_embedding
        from trackdnn.graphs.metric_learning.training import learn

        result = learn(settings, events, seed=seed, progress=progress, folder=folder)
        content = convert_embedding(result.model).SerializeToString()
        rows = [dataclasses.asdict(row) for row in result.history]
        return cls(settings, Places(content), [_without_nan(row) for row in rows])

    def build(self, event: Event) -> Graph:
        """The graph of an event; truth is not looked at.

        The score of an edge is `exp(-(distance / radius)^2)`.
        """
        settings = self.settings
        places = self.places(node_features(event, settings.node_features))
        pairs, distance = search(places, radius=settings.radius, most=settings.most)
        score = np.exp(-((distance / settings.radius) ** 2))
        return graph_of(event, pairs, score.astype(np.float32))

    def save(self, folder: Path) -> None:
        """Writes the network into an existing folder."""
        write_places(folder, self.places, self.history)

    @classmethod
    def load(cls, settings: MetricLearningSettings, folder: Path) -> Self:
        """Reads what `save` has written.

        Raises:
            BadFileError: If the file is missing, damaged or of other settings.
        """
        features = len(feature_table(settings.node_features))
        dimensions = settings.dimensions
        return cls(
            settings, read_places(folder, features=features, dimensions=dimensions)
        )


def _without_nan(row: dict[str, Any]) -> dict[str, Any]:
    """JSON knows no NaN, which figures are that the training does not have."""
    return {
        name: value
        for name, value in row.items()
        if not (isinstance(value, float) and math.isnan(value))
    }
