"""A training on graphs, as the engine asks for it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from trackdnn.data.batches.units import UnitSource
from trackdnn.data.randomness import generator
from trackdnn.graphs.edge_network.judge import EdgeJudge
from trackdnn.graphs.edge_network.losses import edge_terms
from trackdnn.graphs.edge_network.units import REFERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from trackdnn.graphs.edge_network.shelf import Shelf
    from trackdnn.settings import Stage
    from trackdnn.settings.finding.edge_network import EdgeNetworkSettings
    from trackdnn.training.judge import Judgement
    from trackdnn.training.objective import Term
    from trackdnn.training.task import Source

    Unit = dict[str, NDArray[Any]]
    # More columns of a unit, in an epoch: from the unit and a generator.
    More = Callable[[Unit, np.random.Generator], Unit]


@dataclasses.dataclass(frozen=True, kw_only=True)
class GraphTask:
    """To score the edges of graphs, and more where there are further terms.

    Args:
        settings: The block of the network.
        shelves: Units to learn from, for each stage.
        units: How many each has.
        validation: Units to judge by.
        judged: How many these are.
        more: Makes further columns for each epoch, or `None`.
        refers: Which further columns are indices of which others.
        terms_of_more: The losses of the further columns.
    """

    settings: EdgeNetworkSettings
    shelves: Sequence[Shelf]
    units: int
    validation: Shelf
    judged: int
    more: More | None = None
    refers: dict[str, str] = dataclasses.field(default_factory=dict)
    terms_of_more: tuple[Term, ...] = ()

    def batches(self, number: int, stage: Stage, seed: int) -> Source:
        """All events in each epoch, in an order of its own."""
        shelf = self.shelves[number - 1]

        def make(epoch: int, left_out: int) -> Iterator[Unit]:
            order = generator(seed, "order of graphs", epoch).permutation(self.units)
            for row in order[left_out:]:
                rng = generator(seed, f"graph {row}", epoch)
                yield self._with_more(shelf.get(int(row)), rng)

        return UnitSource(
            make,
            units=self.units,
            batch_size=stage.batch_size,
            refers={**REFERS, **self.refers},
        )

    def judge(self, stage: Stage) -> Judgement:
        """Loss and area under the ROC of the validation graphs."""
        return EdgeJudge(self._judged_units, self.terms(stage))

    def terms(self, stage: Stage) -> list[Term]:
        """The losses, the same in all stages."""
        del stage
        return [*edge_terms(self.settings.losses), *self.terms_of_more]

    def _judged_units(self) -> Iterable[Unit]:
        for row in range(self.judged):
            rng = generator(0, "graph to judge by", row)
            yield self._with_more(self.validation.get(row), rng)

    def _with_more(self, unit: Unit, rng: np.random.Generator) -> Unit:
        return unit if self.more is None else {**unit, **self.more(unit, rng)}
