"""Which part of the events a training sees."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trackdnn.settings.node import Fraction, Natural, Node, Seed, Share


class ViewSettings(Node):
    """A view of events; what is stored stays whole.

    `particles` is the share of the particles that stay (HyperTrack's rfactor), `noise`
    the share of noise among the hits (`None`: what it is in the whole event), `region`
    a part of the detector. `one_hit_per_layer` is for trainings only. `min_pt` (GeV)
    and `min_hits` say which particles count as truth; their hits stay in any case.
    Without `clusters` the shapes of the hits are not seen.
    """

    particles: Share = 1.0
    noise: Fraction | None = None
    region: Literal["all", "barrel", "pixel"] = "all"
    one_hit_per_layer: bool = False
    clusters: bool = True
    min_pt: Annotated[float, Field(ge=0.0)] = 0.0
    min_hits: Natural = 3
    seed: Seed = 1
