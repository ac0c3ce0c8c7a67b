"""The inputs of a model as the manifest tells them, there and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from network.inputs import InputSpec

if TYPE_CHECKING:
    from export.signature import Names


def describe_inputs(spec: InputSpec, names: Names) -> dict[str, Any]:
    """The manifest's `inputs`: one entry per column, in the order of the columns."""
    columns = zip(
        spec.names,
        spec.units,
        spec.transforms,
        spec.lower,
        spec.upper,
        spec.scales,
        strict=True,
    )
    keys = ("name", "unit", "transform", "lower", "upper", "scale")
    return {
        "features": {
            "name": names.features,
            "dtype": "float32",
            "shape": [-1, spec.width],
            "rescale": spec.rescale,
            "columns": [dict(zip(keys, column, strict=True)) for column in columns],
        },
        "category": {
            "name": names.category,
            "dtype": "float32",
            "shape": [-1, 1],
            "column": spec.category,
            "vocabulary": list(spec.vocabulary),
        },
    }


def spec_of(inputs: dict[str, Any]) -> InputSpec:
    """The `InputSpec` that `describe_inputs` described."""
    columns = inputs["features"]["columns"]

    def collect(key: str) -> tuple[Any, ...]:
        return tuple(column[key] for column in columns)

    return InputSpec(
        names=collect("name"),
        units=collect("unit"),
        transforms=collect("transform"),
        lower=collect("lower"),
        upper=collect("upper"),
        scales=collect("scale"),
        rescale=inputs["features"]["rescale"],
        category=inputs["category"]["column"],
        vocabulary=tuple(inputs["category"]["vocabulary"]),
    )
