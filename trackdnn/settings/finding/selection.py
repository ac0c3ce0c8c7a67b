"""Settings of the selection of tracks."""

from __future__ import annotations

from trackdnn.settings.node import Count, Fraction, Node, Positive


class SelectionSettings(Node):
    """What tells true tracks from fakes, once they are built: boosted trees."""

    enabled: bool = False
    trees: Count = 150
    leaves: Count = 15
    learning_rate: Positive = 0.1
    cut: Fraction = 0.3
