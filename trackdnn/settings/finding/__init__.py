"""How tracks are found: views of events, graphs, filters, builders, judgement."""

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
from trackdnn.settings.finding.tree import FindingSettings
from trackdnn.settings.finding.view import ViewSettings
from trackdnn.settings.finding.voxel_dynamics import VoxelDynamicsSettings

__all__ = [
    "ComponentsSettings",
    "DbscanSettings",
    "EdgeFilterSettings",
    "FindingSettings",
    "HdbscanSettings",
    "JudgementSettings",
    "ModuleMapSettings",
    "NeighboursSettings",
    "ViewSettings",
    "VoxelDynamicsSettings",
    "WalkthroughSettings",
]
