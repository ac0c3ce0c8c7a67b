"""Settings of the edge filter."""

from __future__ import annotations

from typing import Literal

from trackdnn.settings.node import Count, Node, OpenFraction, Positive


class EdgeFilterSettings(Node):
    """Boosted trees that tell true edges from false ones."""

    enabled: bool = True
    truth: Literal["hyper", "eom", "cricket", "layerwise", "modulewise"] = "modulewise"
    others: Literal["false", "ignored"] = "ignored"
    trees: Count = 200
    leaves: Count = 31
    learning_rate: Positive = 0.1
    edges: Count = 2_000_000
    cut: OpenFraction = 0.005
    context: bool = True
