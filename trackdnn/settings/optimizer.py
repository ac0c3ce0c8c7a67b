"""Which optimizer a stage uses, and how weights differ in it (docs/optimization.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, field_validator, model_validator

from trackdnn.errors import nearest
from trackdnn.settings.node import Node, Positive
from trackdnn.settings.patterns import compiles

# Keras' 1e-7 lets the rounding noise of an input that is all but constant decide the
# sign of a full step; with this, two devices agree with one to 3e-7 in the weights.
EPSILON = 1e-6
_ADAM = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": EPSILON}
_ADAPTIVE = {
    "beta_1": 0.9,
    "beta_2": 0.999,
    "epsilon": 1e-8,
    "initial_distance": 1e-6,
    "growth": None,
}

# Each optimizer with its options and their defaults, those of Keras 3.15 or of the
# paper but for `epsilon`. A test compares them with Keras. Rates, weight decay,
# clipping, averages and accumulation are settings of the stage.
OPTIMIZERS: Mapping[str, Mapping[str, Any]] = {
    "adam": {**_ADAM, "amsgrad": False},
    "adamw": {**_ADAM, "amsgrad": False},
    "sgd": {"momentum": 0.0, "nesterov": False},
    "rmsprop": {"rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False},
    "adagrad": {"initial_accumulator_value": 0.1, "epsilon": 1e-7},
    "adadelta": {"rho": 0.95, "epsilon": 1e-7},
    "adamax": {**_ADAM, "epsilon": 1e-7},
    "nadam": {**_ADAM, "epsilon": 1e-7},
    "ftrl": {
        "learning_rate_power": -0.5,
        "initial_accumulator_value": 0.1,
        "l1_regularization_strength": 0.0,
        "l2_regularization_strength": 0.0,
        "l2_shrinkage_regularization_strength": 0.0,
        "beta": 0.0,
    },
    "lion": {"beta_1": 0.9, "beta_2": 0.99},
    "lamb": {**_ADAM, "epsilon": 1e-7},
    "muon": {
        "adam_beta_1": 0.9,
        "adam_beta_2": 0.999,
        "epsilon": 1e-7,
        "exclude_layers": (),
        "exclude_embeddings": True,
        "muon_a": 3.4445,
        "muon_b": -4.7750,
        "muon_c": 2.0315,
        "adam_lr_ratio": 1.0,
        "momentum": 0.95,
        "ns_steps": 5,
        "nesterov": True,
        "rms_rate": 0.2,
    },
    "adafactor": {
        "beta_2_decay": -0.8,
        "epsilon_1": 1e-30,
        "epsilon_2": 1e-3,
        "clip_threshold": 1.0,
        "relative_step": True,
    },
    "schedule_free_adamw": _ADAM,
    "dadapt_adam": _ADAPTIVE,
    "prodigy": {**_ADAPTIVE, "coefficient": 1.0, "safeguard_warmup": True},
}
# Those that find the length of a step themselves: their rate is a factor, best at 1.
RATE_FREE = ("dadapt_adam", "prodigy")
# Decay that an optimizer has where the settings name none; all others have none.
DEFAULT_DECAY = dict.fromkeys(("adamw", "schedule_free_adamw", "lamb", "muon"), 1e-2)
# Shares of what is remembered; at 1 nothing new would ever count.
_MEMORIES = re.compile(r"(adam_)?beta_[12]|rho|momentum")
_POSITIVE = re.compile(
    r"epsilon(_[12])?|initial_distance|coefficient|clip_threshold|growth|ns_steps"
)
# Beyond this, float32 is at its end after one product.
_LARGEST = 1e30
Decay = Annotated[float, Field(ge=0.0)]


class ParameterGroup(Node):
    """Weights that are trained with a rate, or a decay, of their own."""

    match: Annotated[str, AfterValidator(compiles)]
    rate: Positive = 1.0
    weight_decay: Decay | None = None


class OptimizerSettings(Node):
    """The optimizer of a stage, but for its learning rate.

    A name, such as `adamw`, stands for that optimizer with its defaults. `weight_decay`
    shrinks a weight by that share, times the learning rate, in each update, apart from
    the gradient (Loshchilov and Hutter, 2019); weights whose own name holds one of
    `no_decay` are spared. The first of `groups` that matches the path of a weight sets
    its rate, as a multiple, and its decay.
    """

    name: str = "adamw"
    options: dict[str, Any] = Field(default_factory=dict)
    weight_decay: Decay | None = None
    no_decay: tuple[str, ...] = ("bias", "gamma", "beta")
    groups: tuple[ParameterGroup, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _accept_short_form(cls, value: Any) -> Any:
        """A name will do; Dingo calls it `type`."""
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, Mapping) and "type" in value and "name" not in value:
            return {
                "name" if key == "type" else key: each for key, each in value.items()
            }
        return value

    @field_validator("name")
    @classmethod
    def _know_the_name(cls, value: str) -> str:
        if value not in OPTIMIZERS:
            raise ValueError(
                f"name must be one of {', '.join(OPTIMIZERS)}."
                f"{nearest(value, OPTIMIZERS)}"
            )
        return value

    @model_validator(mode="after")
    def _know_the_options(self) -> OptimizerSettings:
        known = OPTIMIZERS[self.name]
        for option, value in self.options.items():
            if option not in known:
                raise ValueError(
                    f"{self.name} has no option '{option}'."
                    f"{nearest(option, known)} It has: {', '.join(known)}"
                )
            _check_option(option, value, known[option])
        return self

    @model_validator(mode="after")
    def _keep_what_belongs_together(self) -> OptimizerSettings:
        if self.name == "adam" and (self.weight_decay or self._group_decays()):
            raise ValueError(
                "weight_decay must be 0 for adam, which decays nothing. "
                "Name the optimizer adamw"
            )
        if self.name in RATE_FREE and any(group.rate != 1 for group in self.groups):
            raise ValueError(
                f"the rate of each group must be 1 for {self.name}, which finds one "
                "length of step for all weights"
            )
        return self

    def _group_decays(self) -> bool:
        return any(group.weight_decay for group in self.groups)

    @property
    def decay(self) -> float:
        """The weight decay, or the optimizer's own where the settings name none."""
        if self.weight_decay is None:
            return DEFAULT_DECAY.get(self.name, 0.0)
        return self.weight_decay


def default_rate(name: str) -> float:
    """The learning rate to begin with: 1 where the optimizer finds it itself."""
    return 1.0 if name in RATE_FREE else 2e-3


def _check_option(option: str, value: Any, default: Any) -> None:
    """Refuses a value that differs in kind from the default, or is out of range."""
    kind = "a number" if default is None else _kind(default)
    numbers = ("a number", "a whole number")
    fits = _kind(value) == kind or (kind in numbers and _kind(value) in numbers)
    fits = fits or (default is None and value is None)
    if not fits or (kind == "a whole number" and _kind(value) != kind):
        raise ValueError(f"option '{option}' must be {kind}. Received: {value!r}")
    if kind not in numbers or value is None:
        return
    if not abs(value) < _LARGEST:
        raise ValueError(f"option '{option}' must be finite. Received: {value!r}")
    if _MEMORIES.fullmatch(option) and not 0 <= value < 1:
        raise ValueError(f"option '{option}' must be in [0, 1). Received: {value!r}")
    if _POSITIVE.fullmatch(option) and not value > 0:
        raise ValueError(f"option '{option}' must be above 0. Received: {value!r}")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "a whole number"
    if isinstance(value, float):
        return "a number"
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        return "a list of names"
    return type(value).__name__
