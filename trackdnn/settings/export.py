"""What the deployed artifacts look like."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from export import static_batches
from export.targets import OLDEST, fault_of
from trackdnn.settings.node import Node, Positive


class ExportSettings(Node):
    """What the deployed artifacts look like; the defaults load in CMSSW 13_0 on."""

    target: str = OLDEST
    feature_input: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")] = "x"
    category_input: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")] = "y"
    onnx_output: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")] = "score"
    opset: Annotated[int, Field(ge=13, le=20)] = 13
    ir_version: Annotated[int, Field(ge=7, le=10)] = 7
    tolerance: Positive = 5e-6
    static_batches: tuple[int, ...] = ()

    @field_validator("target")
    @classmethod
    def _known(cls, name: str) -> str:
        if fault := fault_of(name):
            raise ValueError(fault)
        return name

    @field_validator("static_batches")
    @classmethod
    def _few_and_small(cls, sizes: tuple[int, ...]) -> tuple[int, ...]:
        if fault := static_batches.fault_of(sizes):
            raise ValueError(fault)
        return sizes
