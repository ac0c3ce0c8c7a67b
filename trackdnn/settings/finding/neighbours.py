"""Settings of the neighbour search."""

from __future__ import annotations

from trackdnn.settings.node import Count, Node, Positive


class NeighboursSettings(Node):
    """Pairs of hits that lie close in a space of features."""

    radius: Positive | None = 0.1
    most: Count = 50
    depth: Positive = 3000.0
