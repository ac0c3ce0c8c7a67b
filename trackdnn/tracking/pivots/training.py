"""The part of a training of a network of edges that learns masks."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.tracking.pivots.losses import mask_terms
from trackdnn.tracking.pivots.micrographs import draw_micrographs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.graphs.edge_network.task import GraphTask
    from trackdnn.settings.finding import MaskSettings

    Unit = dict[str, NDArray[Any]]

# By array of indices, the array whose rows they count.
REFERS = {"tokens": "nodes", "pivots": "nodes"}


@dataclasses.dataclass(frozen=True)
class MaskTraining:
    """`trackdnn.graphs.edge_network.training.Masks` of the pivot transformer.

    Args:
        settings: The block `finding.masks`.
    """

    settings: MaskSettings

    @property
    def options(self) -> dict[str, Any]:
        """Options of the layer of masks."""
        names = ("width", "heads", "blocks")
        return {name: getattr(self.settings, name) for name in names}

    def task(self, task: GraphTask) -> GraphTask:
        """The same training, with micrographs of each event and their losses."""
        return dataclasses.replace(
            task,
            more=self.columns,
            refers={**task.refers, **REFERS},
            terms_of_more=(*task.terms_of_more, *mask_terms(self.settings.losses)),
        )

    def columns(self, unit: Unit, rng: np.random.Generator) -> Unit:
        """Micrographs of an event; all weigh as much as its edges do.

        Args:
            unit: Of `trackdnn.graphs.edge_network.units`.
            rng: Of the event and the epoch.
        """
        return draw_micrographs(
            unit["particle"].astype(np.int64) - 1,
            np.stack([unit["senders"], unit["receivers"]]),
            unit["score"],
            rng,
            self.settings,
            float(np.count_nonzero(unit["weight"])),
        )
