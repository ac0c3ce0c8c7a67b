"""What a model's inputs are: names, transforms and ranges.

An `InputSpec` is the whole contract between the data and a network. The data room
fills it from training tracks, the sanitizer layer is built from it, the exporter
writes it into the manifest, and `infer` reads it back.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

TRANSFORMS = ("identity", "absolute", "absolute_log1p")


@dataclasses.dataclass(frozen=True, kw_only=True)
class InputSpec:
    """Names, units, transforms and ranges of the inputs of one model.

    Args:
        names: Names of the regular inputs, in the order of the columns.
        units: Unit of each input as text (`"GeV"`, `"cm"`, `"rad"`, `""`).
        transforms: What the sanitizer does to each column before clipping, one of
            `TRANSFORMS`. `"absolute_log1p"` is log(1 + |x| / scale).
        lower: Lower end of each column after its transform; smaller values are
            clipped to it.
        upper: Upper end of each column after its transform, greater than `lower`.
        scales: Divisor of each column before the logarithm, in units of the column.
            1 where the reference takes log1p of the bare value.
        rescale: Whether columns are mapped from `[lower, upper]` to `[-1, 1]`; if
            not, they are clipped only (the CMS Run-3 networks).
        category: Name of the categorical input.
        vocabulary: Values of the category that have a code of their own.

    Raises:
        ValueError: If the lengths differ, a transform is unknown, or a range is empty
            or not finite.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    transforms: tuple[str, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    scales: tuple[float, ...]
    rescale: bool = True
    category: str = "trk_originalAlgo"
    vocabulary: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, list):
                object.__setattr__(self, field.name, tuple(value))
        self._check_lengths()
        for name, transform in zip(self.names, self.transforms, strict=True):
            if transform not in TRANSFORMS:
                raise ValueError(
                    f"`transforms` must be of {TRANSFORMS}. "
                    f"Received: transform={transform!r} for input {name!r}"
                )
        for name, low, high in zip(self.names, self.lower, self.upper, strict=True):
            if not (-float("inf") < low < high < float("inf")):
                raise ValueError(
                    f"The range of input {name!r} must be finite and not empty. "
                    f"Received: lower={low}, upper={high}"
                )

    def _check_lengths(self) -> None:
        for field in ("units", "transforms", "lower", "upper", "scales"):
            length = len(getattr(self, field))
            if length != len(self.names):
                raise ValueError(
                    f"`{field}` must have one entry per input. "
                    f"Received: {length} entries for {len(self.names)} inputs"
                )

    @property
    def width(self) -> int:
        """Number of regular inputs."""
        return len(self.names)

    def to_dict(self) -> dict[str, Any]:
        """The spec as plain lists, strings and numbers."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in dataclasses.asdict(self).items()
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> InputSpec:
        """The spec that `to_dict` described; unknown keys are a `TypeError`."""
        return cls(**content)

    def to_json(self) -> str:
        """The spec as a JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_json(cls, text: str) -> InputSpec:
        """The spec in a JSON text."""
        return cls.from_dict(json.loads(text))
