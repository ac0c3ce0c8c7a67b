"""What all nodes of the settings tree have in common, and the numbers they hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
OpenFraction = Annotated[float, Field(gt=0.0, lt=1.0)]
Positive = Annotated[float, Field(gt=0.0)]
# As many as a float counts one by one.
MOST = 2**53
Count = Annotated[int, Field(ge=1, le=MOST)]
Natural = Annotated[int, Field(ge=0, le=MOST)]
# What a column of 32-bit integers can hold.
Code = Annotated[int, Field(ge=-(2**31), lt=2**31)]
# Strict, so that 1 is one event and 1.0 is everything.
Share = Annotated[float, Field(gt=0.0, le=1.0, strict=True)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]


class Node(BaseModel):
    """A node of the tree: immutable, no unknown keys, no NaN or infinity."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, protected_namespaces=()
    )
