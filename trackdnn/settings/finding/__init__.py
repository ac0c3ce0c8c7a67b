"""How tracks are found: views of events, graphs, filters, builders, judgement."""

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
    EdgeLossSettings,
    EdgeNetworkSettings,
    GraphStage,
)
from trackdnn.settings.finding.joining import JoiningSettings
from trackdnn.settings.finding.judgement import JudgementSettings
from trackdnn.settings.finding.masks import MaskLossSettings, MaskSettings
from trackdnn.settings.finding.metric_learning import (
    EmbeddingStage,
    MetricLearningSettings,
)
from trackdnn.settings.finding.module_map import ModuleMapSettings
from trackdnn.settings.finding.neighbours import NeighboursSettings
from trackdnn.settings.finding.partial import PartialSettings
from trackdnn.settings.finding.selection import SelectionSettings
from trackdnn.settings.finding.tree import FindingSettings
from trackdnn.settings.finding.tuning import TuningSettings
from trackdnn.settings.finding.view import ViewSettings
from trackdnn.settings.finding.voxel_dynamics import VoxelDynamicsSettings

__all__ = [
    "ComponentsSettings",
    "DbscanSettings",
    "DenseFilterSettings",
    "EdgeFilterSettings",
    "EdgeLossSettings",
    "EdgeNetworkSettings",
    "EmbeddingStage",
    "FindingSettings",
    "GraphStage",
    "HdbscanSettings",
    "JoiningSettings",
    "JudgementSettings",
    "MaskLossSettings",
    "MaskSettings",
    "MetricLearningSettings",
    "ModuleMapSettings",
    "NeighboursSettings",
    "PartialSettings",
    "PivotsSettings",
    "SelectionSettings",
    "TuningSettings",
    "ViewSettings",
    "VoxelDynamicsSettings",
    "WalkthroughSettings",
]
