"""The presets of the track classifier, without Keras: what each wants and accepts.

A preset says how the `InputSpec` of its network is to be fitted (transforms, ranges,
scales, vocabulary) and which options its architecture takes, with their defaults.
"""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

ACTIVATIONS = ("elu", "gelu", "relu", "swish")
NORMALIZATIONS = ("batch", "layer", "none")

LOG = "absolute_log1p"
# Momenta, impact parameters and their errors, and nChi2: columns 0 to 16.
_LENGTHS = (LOG,) * 17
_COUNTS = ("identity",) * 8


@dataclasses.dataclass(frozen=True, kw_only=True)
class Preset:
    """What the inputs of one architecture look like, and its options.

    Args:
        transforms: Transform of each of the 29 inputs, in the order of the columns.
        ranges: How the ranges follow from the training tracks: `"quantile"`,
            `"extreme"`, or `"none"` for neither clipping nor scaling.
        scales: `"unit"` for the logarithm of 1 + |x|, `"auto"` for that of
            1 + |x| / scale, with a scale per column from the training tracks.
        vocabulary: Values of the category with a code of their own, or `None` for
            those that the training tracks hold.
        unknown: What another value becomes, `"code"` or `"zero"`; see `OneHot`.
        normalization: How its layers are normalised where this is no option of it.
        options: Options of the architecture, with their defaults.
    """

    transforms: tuple[str, ...]
    ranges: Literal["quantile", "extreme", "none"]
    scales: Literal["unit", "auto"]
    vocabulary: tuple[int, ...] | None
    unknown: Literal["code", "zero"]
    normalization: Literal["batch", "layer", "none"] = "none"
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)


PRESETS: Mapping[str, Preset] = {
    # hajohajo/TrainingFrameworkTrackDNN: |x| on 0:19, log1p on 0:17, extreme ranges.
    "cms2020": Preset(
        transforms=(*_LENGTHS, "absolute", "absolute", *("identity",) * 2, *_COUNTS),
        ranges="extreme",
        scales="unit",
        vocabulary=tuple(range(25)),
        unknown="zero",
        normalization="batch",
    ),
    # Its dev-run3 branch: |x| on 0:17, log1p on 0:17 and 19:21, no ranges.
    "cms_run3": Preset(
        transforms=(*_LENGTHS, "identity", "identity", LOG, LOG, *_COUNTS),
        ranges="none",
        scales="unit",
        vocabulary=tuple(range(25)),
        unknown="zero",
    ),
    "default": Preset(
        transforms=(*_LENGTHS, "absolute", "identity", LOG, LOG, *_COUNTS),
        ranges="quantile",
        scales="auto",
        vocabulary=None,
        # No track trains a code of its own, so an unknown category adds nothing.
        unknown="zero",
        options={
            "width": 256,
            "blocks": 3,
            "activation": "swish",
            "normalization": "layer",
            "dropout": 0.15,
            "category_dropout": 0.0,
            "derived": True,
            "directions": False,
        },
    ),
}


def preset(architecture: str) -> Preset:
    """The preset of an architecture.

    Args:
        architecture: One of `PRESETS`.

    Returns:
        Its preset.

    Raises:
        ValueError: If there is none of that name; the nearest name is given.
    """
    if architecture not in PRESETS:
        raise ValueError(
            f"`architecture` must be one of {sorted(PRESETS)}. "
            f"Received: architecture={architecture!r}{hint(architecture, PRESETS)}"
        )
    return PRESETS[architecture]


def complete_options(architecture: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an architecture: those given, and the defaults of the others.

    Args:
        architecture: One of `PRESETS`.
        options: Some of its options.

    Returns:
        All of its options.

    Raises:
        ValueError: If an option is unknown (the nearest name is given), of the wrong
            type or outside its range.
    """
    defaults = preset(architecture).options
    return check_options(f"network '{architecture}'", options, defaults, CHECKS)


def check_options(
    owner: str,
    options: Mapping[str, Any],
    defaults: Mapping[str, Any],
    checks: Mapping[str, tuple[Callable[[Any], bool], str]],
) -> dict[str, Any]:
    """Some options, and the defaults of the others.

    Args:
        owner: Whose options they are, for the messages.
        options: Some of the options.
        defaults: All of them.
        checks: By option a test of its value, and what it must be in words.

    Returns:
        All of them.

    Raises:
        ValueError: If an option is unknown (the nearest name is given), of the wrong
            type or outside its range.
    """
    for name, value in options.items():
        if name not in defaults:
            known = f"one of {sorted(defaults)}" if defaults else "left out"
            raise ValueError(
                f"An option of the {owner} must be {known}. "
                f"Received: {name}={value!r}{hint(name, defaults)}"
            )
        if name in checks and not checks[name][0](value):
            raise ValueError(
                f"Option `{name}` of the {owner} must be "
                f"{checks[name][1]}. Received: {name}={value!r}"
            )
    return {**defaults, **options}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: Any, least: int, most: int) -> bool:
    """Whether a value is an integer, no boolean, from `least` to `most`."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and least <= value <= most


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value < 1


# Option -> (test, what it must be in words).
CHECKS = {
    "width": (lambda v: is_whole(v, 1, 8192), "a whole number from 1 to 8192"),
    "blocks": (lambda v: is_whole(v, 0, 100), "a whole number from 0 to 100"),
    "activation": (lambda v: v in ACTIVATIONS, f"one of {ACTIVATIONS}"),
    "normalization": (lambda v: v in NORMALIZATIONS, f"one of {NORMALIZATIONS}"),
    "dropout": (_is_share, "a number in [0, 1)"),
    "category_dropout": (_is_share, "a number in [0, 1)"),
    "derived": (lambda v: isinstance(v, bool), "true or false"),
    "directions": (lambda v: isinstance(v, bool), "true or false"),
}


def hint(name: str, known: Iterable[str]) -> str:
    """A question for the known name nearest to one, empty where none is near."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f". Did you mean '{close[0]}'?" if close else ""
