"""Which events of a training are seen in part, so that a finder knows such events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trackdnn.settings.node import Fraction, Node


class PartialSettings(Node):
    """A share of the events that all but constructors and trees learn another view of.

    The other fields are those of `finding.view` that such events are seen by instead.
    The constructor, which counts or learns where tracks go, sees whole events.
    """

    share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    region: Literal["all", "barrel", "pixel"] = "barrel"
    one_hit_per_layer: bool = True
    noise: Fraction | None = None
    clusters: bool = False
