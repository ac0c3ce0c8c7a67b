"""Settings of the module map."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trackdnn.settings.node import Count, Fraction, Node, Positive

# Both ends of a range have a tail.
Tail = Annotated[float, Field(ge=0.0, lt=0.5)]


class ModuleMapSettings(Node):
    """Which regions of the detector tracks connect, and in which geometric ranges."""

    regions: Literal["bins", "modules"] = "bins"
    z_bin: Positive = 60.0
    r_bin: Positive = 30.0
    mirror: bool = True
    truth: Literal["hyper", "eom", "cricket", "layerwise", "modulewise"] = "modulewise"
    min_pt: Annotated[float, Field(ge=0.0)] = 0.0
    min_hits: Count = 3
    least: Count = 2
    share: Fraction = 0.001
    tail: Tail = 0.005
    triplet_tail: Tail = 0.01
    sample: Count = 4_000_000
    scored: Count = 4
    cut: Fraction = 0.01
