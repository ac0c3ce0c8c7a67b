"""Settings of networks that score the edges of a graph, and of their training."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from trackdnn.settings.node import Count, Fraction, Node, OpenFraction, Positive, Share
from trackdnn.settings.schedule import ScheduleSettings
from trackdnn.settings.training import Stage
from trackdnn.settings.transfer import Name

Group = Literal["position", "turn", "layer", "cluster"]
NotNegative = Annotated[float, Field(ge=0.0)]
# What a stage of tracks has and one of graphs has no use for.
_OF_TRACKS = ("weights", "importance", "sampling", "shuffle", "ragged", "loss")


class GraphStage(Stage):
    """One stage of a training on graphs: batches are events.

    `particles` is the share of the particles of each event that stay, so that a
    training can begin with sparse events and go on with denser ones. 0 `lanes` are one
    for each event of a batch.
    """

    epochs: Count = 20
    batch_size: Count = 2
    learning_rate: Positive | None = 2e-3
    schedule: ScheduleSettings = ScheduleSettings(kind="cosine")
    clip: Positive | None = 1.0
    particles: Share = 1.0

    @model_validator(mode="after")
    def _no_tracks(self) -> GraphStage:
        fields = type(self).model_fields
        changed = [
            name for name in _OF_TRACKS if getattr(self, name) != fields[name].default
        ]
        if changed:
            raise ValueError(
                f"{', '.join(changed)} is for tracks and means nothing for graphs"
            )
        return self


class EdgeLossSettings(Node):
    """What a network of edges minimises.

    `balance` is the power of (false edges per true edge) that true edges are weighted
    with. `contrastive` is the share of the contrastive loss of each particle's edges.
    """

    gamma: NotNegative = 0.0
    balance: Fraction = 0.0
    contrastive: NotNegative = 0.0
    temperature: Positive = 0.3


class EdgeNetworkSettings(Node):
    """A network that scores the edges of a graph from all of the graph.

    `edges` bounds how many of an event are learned from, which only an architecture
    that looks at each edge alone can bear; `bare` is the share of the events that are
    seen without clusters.
    """

    enabled: bool = False
    architecture: Literal[
        "interaction", "exatrkx", "hypertrack", "attention", "dense"
    ] = "interaction"
    options: dict[str, Any] = {}
    node_features: Annotated[tuple[Group, ...], Field(min_length=1)] = (
        "position",
        "turn",
        "layer",
        "cluster",
    )
    truth: Literal["hyper", "eom", "cricket", "layerwise", "modulewise"] = "modulewise"
    others: Literal["false", "ignored"] = "ignored"
    edges: Count | None = None
    bare: Fraction = 0.2
    losses: EdgeLossSettings = EdgeLossSettings()
    precision: Literal["float32", "mixed_bfloat16"] = "float32"
    start_from: Name | None = None
    cut: OpenFraction = 0.01
    stages: Annotated[tuple[GraphStage, ...], Field(min_length=1)] = (GraphStage(),)

    @property
    def alone(self) -> bool:
        """Whether each edge is scored for itself."""
        return self.architecture == "dense"

    @model_validator(mode="after")
    def _whole_graphs(self) -> EdgeNetworkSettings:
        if self.edges is not None and not self.alone:
            raise ValueError(
                "edges is for the architecture dense; others need all of a graph"
            )
        return self


class DenseFilterSettings(EdgeNetworkSettings):
    """A network that scores each edge for itself, in place of boosted trees."""

    enabled: bool = True
    architecture: Literal[
        "interaction", "exatrkx", "hypertrack", "attention", "dense"
    ] = "dense"
    edges: Count | None = 100_000
    cut: OpenFraction = 0.005
