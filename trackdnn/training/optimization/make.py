"""From the settings of an optimizer to the optimizer."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import keras

from trackdnn.errors import SettingsError
from trackdnn.settings.optimizer import OPTIMIZERS
from trackdnn.training.optimization.adam import Adam, AdamW
from trackdnn.training.optimization.d_adaptation import DAdaptAdam
from trackdnn.training.optimization.groups import treatments
from trackdnn.training.optimization.nadam import Nadam
from trackdnn.training.optimization.prodigy import Prodigy
from trackdnn.training.optimization.schedule_free import ScheduleFreeAdamW
from trackdnn.training.optimization.stage_optimizer import StageOptimizer

if TYPE_CHECKING:
    from trackdnn.settings.optimizer import OptimizerSettings

KERAS = {
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adagrad": keras.optimizers.Adagrad,
    "adadelta": keras.optimizers.Adadelta,
    "adamax": keras.optimizers.Adamax,
    "ftrl": keras.optimizers.Ftrl,
    "lion": keras.optimizers.Lion,
    "lamb": keras.optimizers.Lamb,
    "muon": keras.optimizers.Muon,
    "adafactor": keras.optimizers.Adafactor,
}
OURS = {
    "adam": Adam,
    "adamw": AdamW,
    "nadam": Nadam,
    "schedule_free_adamw": ScheduleFreeAdamW,
    "dadapt_adam": DAdaptAdam,
    "prodigy": Prodigy,
}


def make_optimizer(settings: OptimizerSettings) -> StageOptimizer:
    """The optimizer of a stage; call it in the scope of the strategy.

    Its learning rate is 0 until `set_rate` is called.

    Args:
        settings: Name, options, decay and groups.

    Returns:
        An optimizer that is not yet built.

    Raises:
        SettingsError: If an option has a value that the optimizer refuses.
    """
    options = {**OPTIMIZERS[settings.name], **settings.options}
    if settings.name == "muon":
        options["exclude_layers"] = list(options["exclude_layers"])
    try:
        optimizer: StageOptimizer = stage_class(settings.name)(
            learning_rate=0.0, weight_decay=settings.decay, **options
        )
    except ValueError as error:
        raise SettingsError(
            f"optimizer.options of {settings.name}: {str(error).splitlines()[0]}"
        ) from error
    optimizer.treat(functools.partial(treatments, settings))
    return optimizer


@functools.cache
def stage_class(name: str) -> Any:
    """The class of an optimizer: our own, or one of Keras' behind the seam."""
    if name in OURS:
        return OURS[name]
    theirs = KERAS[name]
    return type(theirs.__name__, (StageOptimizer, theirs), {})
