"""Which weights a training starts from, where it does not start from fresh ones."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from trackdnn.settings.node import Node
from trackdnn.settings.patterns import Pattern

Name = Annotated[str, Field(min_length=1)]


class TransferSettings(Node):
    """Start from the weights of another run.

    `run` is a run folder or one of its checkpoints; a path alone stands for all of it.
    `layers` holds regular expressions, one of which must be found in the name of a
    layer of the new network. `rename` gives layers of the source the name that they
    have here. `inputs` says whose ranges and vocabulary the new network has.
    """

    run: Name
    layers: Annotated[tuple[Pattern, ...], Field(min_length=1)] = (".*",)
    rename: dict[Name, Name] = {}
    inputs: Literal["source", "fit"] = "source"

    @model_validator(mode="before")
    @classmethod
    def _accept_path(cls, value: Any) -> Any:
        return {"run": value} if isinstance(value, str) else value
