"""Parts of a network that join a training once a figure is good enough."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from trackdnn.settings.node import Node
from trackdnn.settings.patterns import Pattern
from trackdnn.settings.transfer import Name


class GateSettings(Node):
    """Holds back a part of the network until `monitor` passes `threshold`.

    The part is the output of that name, with the layers that no other output needs,
    and the layers in whose name a regular expression of `layers` is found. It opens
    above the threshold for `val_auc` and below it for losses, unless `above` says
    otherwise. With `reset: soft` the optimizer starts anew for its weights.
    """

    output: Name | None = None
    layers: tuple[Pattern, ...] = ()
    monitor: Literal["val_auc", "val_loss", "loss"] = "val_auc"
    threshold: float
    above: bool | None = None
    reset: Literal["none", "soft"] = "none"

    @model_validator(mode="after")
    def _has_a_part(self) -> GateSettings:
        if self.output is None and not self.layers:
            raise ValueError("must name an output, or layers, that it holds back")
        return self

    def passes(self, value: float) -> bool:
        """Whether a value of the figure opens the gate."""
        above = self.monitor == "val_auc" if self.above is None else self.above
        return value > self.threshold if above else value < self.threshold
