"""Settings of the Voxel-Dynamics constructor."""

from __future__ import annotations

from typing import Literal

from trackdnn.settings.node import Count, Fraction, Natural, Node


class VoxelDynamicsSettings(Node):
    """Cells of hits, and which cells tracks connect."""

    cells: Count = 16384
    iterations: Natural = 5
    truth: Literal["hyper", "eom", "cricket", "layerwise", "modulewise"] = "modulewise"
    fold: bool = True
    cut: Fraction = 0.0
