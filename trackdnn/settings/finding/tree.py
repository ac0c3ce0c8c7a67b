"""The branch `finding` of the settings (docs/tracking.md)."""

from __future__ import annotations

from typing import Any, Literal

from trackdnn.settings.finding.builders import (
    ComponentsSettings,
    DbscanSettings,
    HdbscanSettings,
    WalkthroughSettings,
)
from trackdnn.settings.finding.edge_filter import EdgeFilterSettings
from trackdnn.settings.finding.judgement import JudgementSettings
from trackdnn.settings.finding.module_map import ModuleMapSettings
from trackdnn.settings.finding.neighbours import NeighboursSettings
from trackdnn.settings.finding.view import ViewSettings
from trackdnn.settings.finding.voxel_dynamics import VoxelDynamicsSettings
from trackdnn.settings.node import Node


class FindingSettings(Node):
    """How tracks are found: one constructor, perhaps a filter, one builder."""

    view: ViewSettings = ViewSettings()
    constructor: Literal["voxel_dynamics", "module_map", "neighbours"] = "module_map"
    voxel_dynamics: VoxelDynamicsSettings = VoxelDynamicsSettings()
    module_map: ModuleMapSettings = ModuleMapSettings()
    neighbours: NeighboursSettings = NeighboursSettings()
    filter: EdgeFilterSettings = EdgeFilterSettings()
    builder: Literal["components", "walkthrough", "dbscan", "hdbscan"] = "walkthrough"
    components: ComponentsSettings = ComponentsSettings()
    walkthrough: WalkthroughSettings = WalkthroughSettings()
    dbscan: DbscanSettings = DbscanSettings()
    hdbscan: HdbscanSettings = HdbscanSettings()
    judgement: JudgementSettings = JudgementSettings()

    @property
    def constructor_settings(self) -> Any:
        """The block of the constructor in use."""
        return getattr(self, self.constructor)

    @property
    def builder_settings(self) -> Any:
        """The block of the builder in use."""
        return getattr(self, self.builder)
