"""The branch `finding` of the settings (docs/tracking.md)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from trackdnn.settings.finding.builders import (
    ComponentsSettings,
    DbscanSettings,
    HdbscanSettings,
    PivotsSettings,
    WalkthroughSettings,
)
from trackdnn.settings.finding.edge_filter import EdgeFilterSettings
from trackdnn.settings.finding.edge_network import (
    DenseFilterSettings,
    EdgeNetworkSettings,
)
from trackdnn.settings.finding.joining import JoiningSettings
from trackdnn.settings.finding.judgement import JudgementSettings
from trackdnn.settings.finding.masks import MaskSettings
from trackdnn.settings.finding.metric_learning import MetricLearningSettings
from trackdnn.settings.finding.module_map import ModuleMapSettings
from trackdnn.settings.finding.neighbours import NeighboursSettings
from trackdnn.settings.finding.partial import PartialSettings
from trackdnn.settings.finding.selection import SelectionSettings
from trackdnn.settings.finding.tuning import TuningSettings
from trackdnn.settings.finding.view import ViewSettings
from trackdnn.settings.finding.voxel_dynamics import VoxelDynamicsSettings
from trackdnn.settings.node import Node


class FindingSettings(Node):
    """How tracks are found: constructor, filter, network, builder, and what follows."""

    view: ViewSettings = ViewSettings()
    partial: PartialSettings = PartialSettings()
    constructor: Literal[
        "voxel_dynamics", "module_map", "neighbours", "metric_learning"
    ] = "module_map"
    voxel_dynamics: VoxelDynamicsSettings = VoxelDynamicsSettings()
    module_map: ModuleMapSettings = ModuleMapSettings()
    neighbours: NeighboursSettings = NeighboursSettings()
    metric_learning: MetricLearningSettings = MetricLearningSettings()
    filter: EdgeFilterSettings = EdgeFilterSettings()
    dense_filter: DenseFilterSettings = DenseFilterSettings()
    network: EdgeNetworkSettings = EdgeNetworkSettings()
    masks: MaskSettings = MaskSettings()
    builder: Literal["components", "walkthrough", "dbscan", "hdbscan", "pivots"] = (
        "walkthrough"
    )
    components: ComponentsSettings = ComponentsSettings()
    walkthrough: WalkthroughSettings = WalkthroughSettings()
    dbscan: DbscanSettings = DbscanSettings()
    hdbscan: HdbscanSettings = HdbscanSettings()
    pivots: PivotsSettings = PivotsSettings()
    joining: JoiningSettings = JoiningSettings()
    selection: SelectionSettings = SelectionSettings()
    tuning: TuningSettings = TuningSettings()
    judgement: JudgementSettings = JudgementSettings()

    @model_validator(mode="after")
    def _masks_have_a_network(self) -> FindingSettings:
        if self.masks.enabled and not self.network.enabled:
            raise ValueError(
                "masks.enabled needs network.enabled, whose states of hits masks read"
            )
        if self.masks.enabled and self.network.edges is not None:
            raise ValueError("masks.enabled needs all of a graph: network.edges=null")
        return self

    @model_validator(mode="after")
    def _pieces_have_ends(self) -> FindingSettings:
        least = self.builder_settings.min_hits
        if self.joining.enabled and least < 2:
            raise ValueError(
                f"joining.enabled needs {self.builder}.min_hits of at least 2, not "
                f"{least}: a hit alone goes nowhere"
            )
        return self

    @property
    def constructor_settings(self) -> Any:
        """The block of the constructor in use."""
        return getattr(self, self.constructor)

    @property
    def builder_settings(self) -> Any:
        """The block of the builder in use."""
        return getattr(self, self.builder)
