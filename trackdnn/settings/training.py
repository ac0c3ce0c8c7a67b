"""The stages of a training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from trackdnn.settings.data import Sampling, Shuffle
from trackdnn.settings.gating import GateSettings
from trackdnn.settings.node import Count, Fraction, Node, Positive
from trackdnn.settings.optimizer import OptimizerSettings, default_rate
from trackdnn.settings.patterns import Pattern
from trackdnn.settings.schedule import ScheduleSettings, WarmUp


class EarlyStopping(Node):
    """Stop when the monitored figure has not improved for `patience` epochs."""

    monitor: Literal["val_auc", "val_loss"] = "val_auc"
    patience: Count = 6


class Stage(Node):
    """One stage of the training.

    `accumulate` parts of a batch are computed one after the other, and each in `lanes`
    side by side; 0 lanes are as many as a processor likes. `clip` is the
    largest norm of the gradient of all weights. `freeze` holds regular expressions for
    names of layers. Without a `learning_rate` the optimizer has its own.
    """

    epochs: Count = 20
    batch_size: Count = 1024
    accumulate: Count = 1
    lanes: Annotated[int, Field(ge=0, le=64)] = 0
    optimizer: OptimizerSettings = OptimizerSettings()
    learning_rate: Positive | None = None
    schedule: ScheduleSettings = ScheduleSettings()
    warmup: WarmUp = 0.05
    clip: Positive | None = None
    ema: Fraction = 0.0
    freeze: tuple[Pattern, ...] = ()
    gates: tuple[GateSettings, ...] = ()
    weights: Literal["none", "log_pt", "flat_pt", "algorithm_class"] = "none"
    importance: dict[str, Positive] = {}
    sampling: Sampling = Sampling()
    shuffle: Shuffle = Shuffle()
    ragged: Literal["even", "drop", "pad"] = "even"
    loss: Literal["binary_crossentropy", "binary_focal_crossentropy"] = (
        "binary_crossentropy"
    )
    early_stopping: EarlyStopping | None = EarlyStopping()

    @model_validator(mode="before")
    @classmethod
    def _accept_weight_decay(cls, value: Any) -> Any:
        """A weight decay beside the optimizer is one of the optimizer."""
        if not isinstance(value, Mapping) or "weight_decay" not in value:
            return value
        content = {name: each for name, each in value.items() if name != "weight_decay"}
        optimizer = content.get("optimizer", "adamw")
        if not isinstance(optimizer, Mapping):
            optimizer = {"name": optimizer}
        if optimizer.get("weight_decay") is not None:
            raise ValueError(
                "weight_decay must be given once, as optimizer.weight_decay. Received: "
                f"{value['weight_decay']} beside {optimizer['weight_decay']} there"
            )
        # There it never decayed anything, whatever stood here.
        if optimizer.get("name") != "adam":
            optimizer = {**optimizer, "weight_decay": value["weight_decay"]}
        return {**content, "optimizer": optimizer}

    @model_validator(mode="after")
    def _average_once(self) -> Stage:
        if self.ema and self.optimizer.name == "schedule_free_adamw":
            raise ValueError(
                "ema must be 0 for schedule_free_adamw, which averages by itself"
            )
        return self

    @property
    def rate(self) -> float:
        """The learning rate, or the optimizer's own where the settings name none."""
        return self.learning_rate or default_rate(self.optimizer.name)
