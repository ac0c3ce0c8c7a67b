"""Optimizers and learning-rate schedules of a stage."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from trackdnn.settings import Stage

# A cosine that ends at exactly zero wastes its last steps.
FINAL_SHARE = 0.01
# Keras' 1e-7 lets the rounding noise of an input that is all but constant decide the
# sign of a full step; with this, two devices agree with one to 3e-7 in the weights.
EPSILON = 1e-6
# Decaying an offset or a normalisation pulls it towards an arbitrary value.
NOT_DECAYED = ("bias", "gamma", "beta")


def learning_rate(stage: Stage, step: int, steps: int) -> float:
    """Learning rate of a step: linear warm-up, then cosine or constant.

    With `w` steps of warm-up and `u = (step - w) / (steps - w)`, the cosine is
    `rate (f + (1 - f) (1 + cos(pi u)) / 2)`, where `f` is `FINAL_SHARE`.

    Args:
        stage: The stage.
        step: Step, from 0.
        steps: Number of steps of the stage.

    Returns:
        Learning rate, positive.
    """
    warmup = round(stage.warmup * steps)
    if step < warmup:
        return stage.learning_rate * (step + 1) / warmup
    if stage.schedule == "constant":
        return stage.learning_rate
    done = (step - warmup) / max(steps - warmup, 1)
    cosine = (1 + math.cos(math.pi * done)) / 2
    return stage.learning_rate * (FINAL_SHARE + (1 - FINAL_SHARE) * cosine)


def optimizer(stage: Stage) -> Any:
    """The optimizer of a stage; who trains sets its learning rate at each step.

    Args:
        stage: The stage. Weight decay acts in `adamw` only.

    Returns:
        `keras.optimizers.Optimizer`, not yet built.
    """
    if stage.optimizer == "adam":
        return keras.optimizers.Adam(stage.learning_rate, epsilon=EPSILON)
    adamw = keras.optimizers.AdamW(
        stage.learning_rate, weight_decay=stage.weight_decay, epsilon=EPSILON
    )
    adamw.exclude_from_weight_decay(var_names=list(NOT_DECAYED))
    return adamw
