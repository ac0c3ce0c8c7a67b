"""Settings of what counts as found."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trackdnn.settings.node import Count, Node, OpenFraction


class JudgementSettings(Node):
    """Which particles are asked for; never which hits a finder sees.

    `min_pt`, `max_abs_eta` and `min_hits` belong to the preset `trackdnn`; the others
    have the values of the works that they are named after.
    """

    preset: Literal["trackdnn", "hypertrack", "exatrkx", "gnn_tracking"] = "trackdnn"
    min_pt: Annotated[float, Field(ge=0.0)] = 0.9
    max_abs_eta: Annotated[float, Field(gt=0.0)] = 4.0
    min_hits: Count = 3
    confidence: OpenFraction = 0.683
