"""Settings of the Voxel-Dynamics constructor."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trackdnn.settings.node import Count, Fraction, Natural, Node, Positive


class VoxelDynamicsSettings(Node):
    """Cells of hits, and which cells tracks connect (docs/voxel_dynamics.md).

    `cells`, `iterations`, `sample`, `truth`, `fold` and `bins` say what is counted in a
    training; `mirror`, `smooth`, `neighbours`, `strength`, `least` and `cut` what is
    made of the counts, and may change afterwards.
    """

    cells: Annotated[int, Field(ge=1, le=2**22)] = 2048
    iterations: Natural = 5
    sample: Count = 64
    truth: Literal["hyper", "eom", "cricket", "layerwise", "modulewise"] = "modulewise"
    fold: bool = True
    bins: Annotated[int, Field(ge=1, le=2**14)] = 256
    mirror: bool = True
    smooth: Fraction = 0.6
    neighbours: Natural = 4
    strength: Positive = 2.0
    least: Count = 1
    cut: Fraction = 0.003
