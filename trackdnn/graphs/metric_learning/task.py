"""A training of places of hits, as the engine asks for it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from network.edge_losses import hard_negative_hinge, squared_distance
from trackdnn.data.batches.units import UnitSource
from trackdnn.data.randomness import generator
from trackdnn.graphs.metric_learning.judge import PlaceJudge
from trackdnn.graphs.metric_learning.units import REFERS, draw
from trackdnn.training.objective import Term

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from trackdnn.graphs.edge_network.shelf import Shelf
    from trackdnn.settings import Stage
    from trackdnn.settings.finding.metric_learning import MetricLearningSettings
    from trackdnn.training.judge import Judgement
    from trackdnn.training.task import Source

    Unit = dict[str, NDArray[Any]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class PlaceTask:
    """To put hits that follow each other on a track close together, and others apart.

    Args:
        settings: The block of the constructor.
        shelf: Events on disk.
        training: Numbers of the events to learn from.
        validation: Numbers of those to judge by.
    """

    settings: MetricLearningSettings
    shelf: Shelf
    training: tuple[int, ...]
    validation: tuple[int, ...]

    def batches(self, number: int, stage: Stage, seed: int) -> Source:
        """All events in each epoch, in an order and with queries of its own."""
        purpose = f"places, stage {number}"

        def make(epoch: int, left_out: int) -> Iterator[Unit]:
            order = generator(seed, purpose, epoch).permutation(len(self.training))
            for place in order[left_out:]:
                row = self.training[place]
                rng = generator(seed, f"{purpose}, event {row}", epoch)
                yield draw(self.shelf.get(row), self.settings, rng)

        return UnitSource(
            make,
            units=len(self.training),
            batch_size=stage.batch_size,
            samples=len(self.training) * self.settings.queries,
            refers=REFERS,
        )

    def judge(self, stage: Stage) -> Judgement:
        """Loss and close pairs of the events to judge by."""
        return PlaceJudge(
            units=self._judged,
            terms=self.terms(stage),
            radius=self.settings.radius,
            most=self.settings.most,
        )

    def terms(self, stage: Stage) -> list[Term]:
        """One loss per query, the same in all stages."""
        del stage
        return [place_term(self.settings.margin, self.settings.negatives)]

    def _judged(self) -> Iterator[tuple[Unit, Unit]]:
        for row in self.validation:
            unit = self.shelf.get(row)
            rng = generator(0, "event to judge places by", row)
            yield draw(unit, self.settings, rng), unit


def place_term(margin: float, negatives: float) -> Term:
    """Squared distance of each query to its partner, and its hard negatives.

    Args:
        margin: Others are kept this far apart.
        negatives: So many of them weigh as much as the partner.
    """

    def loss(query: Any, place: Any, *columns: Any) -> Any:
        partner, other, particle, home, _ = columns
        away = hard_negative_hinge(place, query, other, particle, home, margin)
        return squared_distance(place, (query, partner)) + away / negatives

    # The last column is what `home` counts the rows of.
    extra = ("partner", "other", "particle", "home", "event")
    return Term(loss, target="query", output="place", extra=extra)
