"""Settings of how the cuts of a builder are chosen."""

from __future__ import annotations

from typing import Literal

from trackdnn.settings.node import Count, Node, Positive


class TuningSettings(Node):
    """Which cuts are tried on the events of validation, and which are best."""

    method: Literal["grid", "optuna"] = "grid"
    trials: Count = 40
    vary_min_hits: bool = False
    fake_weight: Positive = 1.0
