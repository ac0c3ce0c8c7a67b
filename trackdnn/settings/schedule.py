"""How the learning rate goes through a stage (docs/optimization.md).

All heights are shares of the learning rate of the stage, all lengths are counted in
`per`: in updates of the weights, or in epochs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

from trackdnn.errors import nearest
from trackdnn.settings.node import Count, Natural, Node, OpenFraction, Positive

Kind = Literal[
    "constant",
    "cosine",
    "cosine_restarts",
    "one_cycle",
    "plateau",
    "exponential",
    "inverse_time",
    "step",
]
Height = Annotated[float, Field(ge=0.0, le=1.0)]
# A share of the stage, or a number of epochs: 0.05, or 2. Strict on both sides, so
# that a number of epochs never turns into a share.
WarmUp = (
    Annotated[float, Field(ge=0.0, lt=1.0, strict=True)]
    | Annotated[int, Field(ge=0, strict=True)]
)

# What each kind reads, with its default. A length of None is ten epochs for `period`,
# one epoch for `every`, and a third of the stage for the `every` of `step`.
PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "constant": {},
    "cosine": {"final": 0.01},
    "cosine_restarts": {"final": 0.01, "period": None, "multiplier": 1.0},
    "one_cycle": {"rise": 0.3, "form": "linear", "start": 0.04, "final": 4e-6},
    "plateau": {
        "final": 1e-3,
        "factor": 0.5,
        "monitor": "val_loss",
        "patience": 5,
        "threshold": 1e-4,
        "cooldown": 0,
    },
    "exponential": {"factor": 0.9, "every": None},
    "inverse_time": {"slope": 0.5, "every": None},
    "step": {"factor": 0.1, "every": None},
}
# How others call the same.
SYNONYMS = {"none": "constant", "onecycle": "one_cycle", "reduce_on_plateau": "plateau"}


class ScheduleSettings(Node):
    """The course of the learning rate after the warm-up.

    A word, such as `cosine`, stands for a schedule of that kind with its defaults. A
    parameter that the kind does not read is refused.
    """

    kind: Kind = "cosine"
    per: Literal["update", "epoch"] = "update"
    final: Height | None = None
    period: Positive | None = None
    multiplier: Annotated[float, Field(ge=1.0)] | None = None
    rise: OpenFraction | None = None
    form: Literal["linear", "cosine"] | None = None
    start: Height | None = None
    factor: OpenFraction | None = None
    every: Positive | None = None
    slope: Positive | None = None
    monitor: Literal["val_loss", "val_auc", "loss"] | None = None
    patience: Count | None = None
    threshold: Annotated[float, Field(ge=0.0, lt=1.0)] | None = None
    cooldown: Natural | None = None

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, value: Any) -> Any:
        """A word will do; what the kind reads gets its default."""
        if isinstance(value, str):
            value = {"kind": value}
        if not isinstance(value, Mapping):
            return value
        content = dict(value)
        if "type" in content and "kind" not in content:
            content["kind"] = content.pop("type")
        kind = content.get("kind", "cosine")
        content["kind"] = kind = SYNONYMS.get(str(kind), kind)
        if not isinstance(kind, str) or kind not in PARAMETERS:
            hint = nearest(str(kind), get_args(Kind))
            raise ValueError(
                f"kind must be one of {', '.join(get_args(Kind))}.{hint} "
                f"Received: kind={kind!r}"
            )
        return {**PARAMETERS[kind], **content}

    @model_validator(mode="after")
    def _read_all_that_is_given(self) -> ScheduleSettings:
        own = PARAMETERS[self.kind]
        for name in type(self).model_fields:
            if name in ("kind", "per") or name in own or getattr(self, name) is None:
                continue
            readers = [kind for kind in PARAMETERS if name in PARAMETERS[kind]]
            raise ValueError(
                f"'{name}' belongs to {', '.join(readers)}, not to {self.kind}, which "
                f"reads {', '.join(own) or 'nothing'}"
            )
        return self

    @model_validator(mode="after")
    def _give_what_is_read(self) -> ScheduleSettings:
        for name, default in PARAMETERS[self.kind].items():
            if default is not None and getattr(self, name) is None:
                raise ValueError(f"{self.kind} needs a value of '{name}'")
        return self
