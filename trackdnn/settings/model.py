"""Which network."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from trackdnn.settings.node import Code, Node
from trackdnn.settings.transfer import TransferSettings


class SanitizerSettings(Node):
    """How the ranges of the inputs follow from the training tracks."""

    ranges: Literal["preset", "quantile", "extreme", "none"] = "preset"
    lower_quantile: Annotated[float, Field(ge=0.0, lt=0.5)] = 0.001
    upper_quantile: Annotated[float, Field(gt=0.5, le=1.0)] = 0.999


class ModelSettings(Node):
    """Which network, and what may be changed in it."""

    architecture: Literal["default", "cms2020", "cms_run3"] = "default"
    options: dict[str, Any] = {}
    vocabulary: Literal["preset", "data"] | tuple[Code, ...] = "preset"
    sanitizer: SanitizerSettings = SanitizerSettings()
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"
    transfer: TransferSettings | None = None
