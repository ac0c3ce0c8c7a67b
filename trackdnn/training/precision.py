"""In which numbers a network computes while it is trained.

| precision        | weights | matrix products                   | loss is scaled |
|------------------|---------|-----------------------------------|----------------|
| `float32`        | float32 | float32                           | no             |
| `mixed_bfloat16` | float32 | bfloat16: the range, fewer digits | no             |
| `mixed_float16`  | float32 | float16: 6e-8 to 65504            | yes            |

Inputs, what is done to them before they are bounded, and outputs are float32 in each.
What leaves a training computes in float32.

Micikevicius et al., "Mixed precision training", ICLR 2018.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from trackdnn.errors import SettingsError
from trackdnn.training.loss_scale import LossScale

if TYPE_CHECKING:
    from collections.abc import Callable

    from network.inputs import InputSpec

FLOAT32, FLOAT16 = "float32", "float16"
LARGEST_FLOAT16 = float(np.finfo(np.float16).max)


@contextlib.contextmanager
def precision(name: str) -> Iterator[None]:
    """Within it, layers are built to compute in a precision.

    Args:
        name: `"float32"`, `"mixed_bfloat16"` or `"mixed_float16"`.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def build_in(name: str, build: Callable[[], Any]) -> Any:
    """Builds a network that computes in a precision.

    Args:
        name: As for `precision`.
        build: Builds it.

    Returns:
        The network, whose inputs, outputs and weights are float32.

    Raises:
        SettingsError: If they are not, or if a layer would squeeze the inputs.
    """
    with precision(name):
        model = build()
    _check(model, name)
    return model


def in_float32(model: Any, build: Callable[[], Any]) -> Any:
    """The same network, computing in float32.

    Args:
        model: Trained in any precision.
        build: Builds the network under the policy that is set.

    Returns:
        The model itself if it does so already, or a new one with its weights.
    """
    if not _computes_in_less(model):
        return model
    plain = build_in(FLOAT32, build)
    plain.set_weights(model.get_weights())
    return plain


def loss_scale_of(model: Any) -> LossScale | None:
    """The scale of the loss that a network needs; call it in the strategy's scope.

    Args:
        model: The network.

    Returns:
        A new scale if a layer computes in float16, or `None`.
    """
    float16 = any(layer.compute_dtype == FLOAT16 for layer in (model, *model.layers))
    return LossScale() if float16 else None


def check_ranges(name: str, spec: InputSpec) -> None:
    """Makes sure that bounded inputs fit the numbers that a network computes in.

    Args:
        name: As for `precision`.
        spec: Inputs of the network.

    Raises:
        SettingsError: If an input may be larger than float16 holds.
    """
    if name != "mixed_float16" or spec.rescale:
        return
    bounds = zip(spec.names, spec.lower, spec.upper, strict=True)
    large = [
        column for column, *ends in bounds if max(map(abs, ends)) > LARGEST_FLOAT16
    ]
    if large:
        raise SettingsError(
            f"The inputs of a network in mixed_float16 must be bounded by "
            f"{LARGEST_FLOAT16:.0f}. Received: {', '.join(large)} may be larger. Set "
            "model.precision=mixed_bfloat16, or model.sanitizer.ranges=quantile"
        )


def _computes_in_less(model: Any) -> bool:
    return any(layer.compute_dtype != FLOAT32 for layer in (model, *model.layers))


def _check(model: Any, name: str) -> None:
    tensors = [*model.inputs, *model.outputs, *model.weights]
    found = {str(one.dtype) for one in tensors if "float" in str(one.dtype)}
    if found - {FLOAT32}:
        raise SettingsError(
            f"Inputs, outputs and weights of a network in {name} must be float32. "
            f"Received: {', '.join(sorted(found))}. Give its first and last layers "
            "dtype='float32'"
        )
    squeezing = [layer.name for layer in _first_layers(model) if _squeezes(layer)]
    if squeezing:
        raise SettingsError(
            f"Layers that read the inputs of a network in {name} must compute in "
            f"float32, as raw inputs can be large. Received: {', '.join(squeezing)}. "
            "Give them dtype='float32'"
        )


def _first_layers(model: Any) -> list[Any]:
    """Layers that read numbers of the inputs; indices are safe in any precision."""
    numbers = [one for one in model.inputs if "float" in str(one.dtype)]
    inputs = {id(tensor) for tensor in numbers}
    return [
        layer
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
        and any(id(tensor) in inputs for tensor in keras.tree.flatten(layer.input))
    ]


def _squeezes(layer: Any) -> bool:
    return bool(layer.autocast) and layer.compute_dtype != FLOAT32
