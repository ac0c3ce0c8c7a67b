"""What the options of networks of graphs may be, without Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from network.presets import NORMALIZATIONS, is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Those that leave for every target and can be named in the configuration of a layer.
ACTIVATIONS = ("elu", "relu", "swish", "tanh")
AGGREGATIONS = ("sum", "mean", "max", "std")

_Check = tuple["Callable[[Any], bool]", str]


def _whole(least: int, most: int) -> _Check:
    return (
        lambda value: is_whole(value, least, most),
        f"a whole number from {least} to {most}",
    )


def _widths(count: int) -> _Check:
    def valid(value: Any) -> bool:
        listed = isinstance(value, list | tuple) and len(value) >= count
        return listed and all(is_whole(width, 1, 8192) for width in value)

    return valid, f"a list of at least {count} whole numbers from 1 to 8192"


def _are_aggregations(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) > 0
        and all(kind in AGGREGATIONS for kind in value)
        and len(set(value)) == len(value)
    )


_FLAG: _Check = (lambda value: isinstance(value, bool), "true or false")
_WIDTH = _whole(1, 8192)
_ACTIVATION: _Check = (lambda value: value in ACTIVATIONS, f"one of {ACTIVATIONS}")
_MOST_LAYERS = 100

# Option -> (test, what it must be in words).
CHECKS: Mapping[str, _Check] = {
    "width": _WIDTH,
    "steps": _whole(1, _MOST_LAYERS),
    "depth": _whole(2, _MOST_LAYERS),
    "aggregation": (
        _are_aggregations,
        f"a list of some of {AGGREGATIONS}, each once",
    ),
    "recurrent": _FLAG,
    "both_ways": _FLAG,
    "residual": _FLAG,
    "self_edges": _FLAG,
    "dynamic": _FLAG,
    "normalize": _FLAG,
    "normalization": (lambda v: v in NORMALIZATIONS, f"one of {NORMALIZATIONS}"),
    "activation": _ACTIVATION,
    "fusion": _WIDTH,
    "heads": _whole(1, 64),
    "dimensions": _whole(2, 64),
    "decoder": _widths(2),
}
MASK_CHECKS: Mapping[str, _Check] = {
    "width": _WIDTH,
    "heads": _whole(1, 64),
    "blocks": _whole(0, _MOST_LAYERS),
    "mask_units": _widths(0),
    "activation": _ACTIVATION,
}
