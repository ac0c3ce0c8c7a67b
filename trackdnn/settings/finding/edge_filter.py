"""Settings of the edge filter."""

from __future__ import annotations

from typing import Literal

from trackdnn.settings.node import Count, Node, OpenFraction, Positive


class EdgeFilterSettings(Node):
    """What tells true edges from false ones, each for itself.

    All but `enabled` and `kind` is of boosted trees; `finding.dense_filter` is the
    other kind.
    """

    enabled: bool = True
    kind: Literal["trees", "dense"] = "trees"
    truth: Literal["hyper", "eom", "cricket", "layerwise", "modulewise"] = "modulewise"
    others: Literal["false", "ignored"] = "ignored"
    trees: Count = 200
    leaves: Count = 31
    learning_rate: Positive = 0.1
    edges: Count = 2_000_000
    cut: OpenFraction = 0.005
    context: bool = True
