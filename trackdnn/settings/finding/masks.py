"""Settings of the training of the pivot transformer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from trackdnn.settings.node import Count, Natural, Node

NotNegative = Annotated[float, Field(ge=0.0)]
# Unlike `Share`, none may be meant.
Part = Annotated[float, Field(ge=0.0, le=1.0)]


class MaskLossSettings(Node):
    """What masks minimise: shares beside that of the edges, which is 1.

    `focal` is the share of the cross-entropy, whose power is `gamma`, and `overlap`
    that of the loss that `kind` names.
    """

    focal: NotNegative = 1.0
    gamma: NotNegative = 1.0
    kind: Literal["intersect", "dice"] = "dice"
    overlap: NotNegative = 0.5


class MaskSettings(Node):
    """A network of masks on the states of hits, and the micrographs it learns from."""

    enabled: bool = False
    micrographs: Count = 128
    pivots: Count = 3
    reach: Count = 8
    tokens: Count = 64
    wrong: Part = 0.2
    width: Count = 64
    heads: Count = 4
    blocks: Natural = 2
    losses: MaskLossSettings = MaskLossSettings()

    @model_validator(mode="after")
    def _fits(self) -> MaskSettings:
        if self.tokens < self.pivots:
            raise ValueError("tokens must be at least pivots")
        if self.width % self.heads:
            raise ValueError("heads must divide width")
        return self
