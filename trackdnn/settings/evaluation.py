"""What is measured of a trained network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from trackdnn.settings.node import Count, Natural, Node, OpenFraction


class WorkingPoint(Node):
    """A cut per iteration, at a true-track efficiency or at a fake rate."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
    target: Literal["efficiency", "fake_rate"] = "efficiency"
    value: OpenFraction


class EvaluationSettings(Node):
    """What `evaluate` measures."""

    efficiencies: tuple[OpenFraction, ...] = (0.90, 0.95, 0.99)
    bootstrap: Natural = 200
    confidence: OpenFraction = 0.683
    importance_repeats: Natural = 3
    importance_tracks: Count = 20_000
    boosting_baseline: bool = True
    working_points: tuple[WorkingPoint, ...] = (
        WorkingPoint(name="loose", value=0.99),
        WorkingPoint(name="tight", value=0.97),
        WorkingPoint(name="highPurity", value=0.95),
    )

    @model_validator(mode="after")
    def _name_working_points_once(self) -> EvaluationSettings:
        names = [point.name for point in self.working_points]
        if len(set(names)) != len(names):
            raise ValueError("each working point must have a name of its own")
        return self
