"""Settings of metric learning, and of its training."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from trackdnn.settings.finding.edge_network import GraphStage, Group
from trackdnn.settings.node import Count, Fraction, Node, Positive
from trackdnn.settings.training import EarlyStopping


class EmbeddingStage(GraphStage):
    """One stage of a training that gives hits a place: batches are events."""

    epochs: Count = 40
    batch_size: Count = 1
    lanes: Annotated[int, Field(ge=0, le=64)] = 1
    early_stopping: EarlyStopping | None = EarlyStopping(monitor="val_loss", patience=8)

    @model_validator(mode="after")
    def _what_there_is(self) -> EmbeddingStage:
        stopping = self.early_stopping
        if stopping is not None and stopping.monitor != "val_loss":
            raise ValueError(
                f"early_stopping.monitor must be val_loss, not {stopping.monitor}: "
                "places of hits have no ROC"
            )
        if self.particles != 1.0:
            raise ValueError("particles must be 1.0: all stages see the same events")
        return self


class MetricLearningSettings(Node):
    """Hits that follow each other on a track get places close to each other.

    `node_features` to `stages` say what is learned; `radius` and `most`, which pairs of
    places become edges, may change afterwards. Lengths are those of the learned space,
    in which `margin` sets the scale.
    """

    node_features: Annotated[tuple[Group, ...], Field(min_length=1)] = (
        "position",
        "turn",
        "layer",
        "cluster",
    )
    dimensions: Annotated[int, Field(ge=2, le=64)] = 8
    width: Annotated[int, Field(ge=1, le=8192)] = 256
    depth: Annotated[int, Field(ge=2, le=100)] = 3
    activation: Literal["elu", "relu", "swish", "tanh"] = "relu"
    normalization: Literal["layer", "none"] = "layer"
    sphere: bool = False
    truth: Literal["hyper", "eom", "cricket", "layerwise", "modulewise"] = "modulewise"
    margin: Positive = 1.0
    negatives: Positive = 20.0
    queries: Count = 512
    others: Count = 5000
    bare: Fraction = 0.1
    stages: Annotated[tuple[EmbeddingStage, ...], Field(min_length=1)] = (
        EmbeddingStage(),
    )
    radius: Positive = 1.0
    most: Count = 50
