"""Voxel-Dynamics as a constructor of graphs (docs/voxel_dynamics.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from trackdnn.graphs.voxel_dynamics.connections import SIZE, connect
from trackdnn.graphs.voxel_dynamics.files import read_folder, write_folder
from trackdnn.graphs.voxel_dynamics.join import join
from trackdnn.graphs.voxel_dynamics.training import count_events, first_cells

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph
    from trackdnn.graphs.voxel_dynamics.cells import Cells
    from trackdnn.graphs.voxel_dynamics.counts import Counts
    from trackdnn.settings.finding import VoxelDynamicsSettings


class VoxelDynamics:
    """Hits in cells that tracks connect; scores are how often they do.

    Args:
        settings: What is made of the counts.
        cells: Where the cells are.
        counts: What was seen in the training.
    """

    def __init__(
        self, settings: VoxelDynamicsSettings, cells: Cells, counts: Counts
    ) -> None:
        self.settings = settings
        self.cells = cells
        self.counts = counts
        self.connections = connect(counts, cells, settings)

    @classmethod
    def train(
        cls,
        settings: VoxelDynamicsSettings,
        events: Iterable[Event],
        *,
        seed: int,
        progress: bool,
        folder: Path | None = None,
    ) -> Self:
        """Cells from the first events, counts from all; see `Constructor.train`.

        Raises:
            InputError: If the events have no hit of a particle.
        """
        del folder
        cells, events = first_cells(settings, events, seed)
        counts = count_events(events, cells, settings.truth, progress=progress)
        return cls(settings, cells, counts)

    def build(self, event: Event) -> Graph:
        """The graph of an event; truth is not looked at."""
        cell, phi_bin = self.cells.of(event.hits)
        graph = join(event, cell, phi_bin, self.connections)
        return _for_size(graph)

    def save(self, folder: Path) -> None:
        """Writes cells and counts into an existing folder."""
        write_folder(folder, self.settings, self.cells, self.counts)

    @classmethod
    def load(cls, settings: VoxelDynamicsSettings, folder: Path) -> Self:
        """Reads what `save` or `train-voxdyn` has written.

        Raises:
            BadFileError: If a file is missing or damaged, or if it was counted with
                other settings.
        """
        return cls(settings, *read_folder(folder, settings))


def _for_size(graph: Graph) -> Graph:
    """The graph with the scores of an event of its size: p / (p + (1 - p) n / SIZE)."""
    p, size = graph.score, np.float32(graph.hits / SIZE)
    if p is None or not len(p):
        return graph
    return graph.scored((p / (p + (1 - p) * size)).astype(np.float32))
