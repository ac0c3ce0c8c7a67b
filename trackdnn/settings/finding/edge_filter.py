"""Settings of the edge filter."""

from __future__ import annotations

from trackdnn.settings.node import Count, Node, OpenFraction, Positive


class EdgeFilterSettings(Node):
    """Boosted trees that tell true edges from false ones."""

    enabled: bool = True
    trees: Count = 200
    leaves: Count = 31
    learning_rate: Positive = 0.1
    edges: Count = 4_000_000
    cut: OpenFraction = 0.1
