"""Scores places of hits on whole events, after each epoch."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from trackdnn.errors import TrainingError
from trackdnn.graphs.metric_learning.quality import close_pairs
from trackdnn.training.judge import Verdict
from trackdnn.training.objective import Objective

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from trackdnn.training.objective import Term

    Unit = dict[str, NDArray[Any]]
    _Loss = Callable[[Unit], float]
    _Places = Callable[[Unit], NDArray[np.float32]]

# Neighbours are searched in so many events: that takes longer than their loss.
SEARCHED = 2


class PlaceJudge:
    """Loss of some events, and what the constructor would make of the first of them.

    `edge_efficiency` is the share of the true edges that are among the pairs that the
    constructor takes, `edges_per_hit` how many pairs it takes.

    Args:
        units: Gives the events, anew each time: as drawn for a training, and whole.
        terms: The losses.
        radius: Of the constructor.
        most: Of the constructor.
    """

    def __init__(
        self,
        units: Callable[[], Iterable[tuple[Unit, Unit]]],
        terms: Sequence[Term],
        *,
        radius: float,
        most: int,
    ) -> None:
        self._units, self._terms = units, terms
        self._radius, self._most = radius, most
        # What was compiled for which network: each epoch asks about the same.
        self._compiled: tuple[Any, tuple[_Loss, _Places]] | None = None

    def __call__(self, model: Any, pulse: Callable[[], None] = lambda: None) -> Verdict:
        """What the network is worth."""
        if self._compiled is None or self._compiled[0] is not model:
            self._compiled = model, _compiled(model, Objective(model, self._terms))
        loss, places = self._compiled[1]
        counts = _Counts()
        for number, (drawn, whole) in enumerate(self._units()):
            pulse()
            counts.loss += loss(drawn)
            counts.queries += len(drawn["weight"])
            if number < SEARCHED:
                self._search(places(whole), whole["edges"], counts)
        if not np.isfinite(counts.loss):
            raise TrainingError(
                "The places of the validation hits must stay finite. Received: "
                f"{counts.loss} for their loss. Lower the learning_rate of the stages "
                "of finding.metric_learning."
            )
        return counts.verdict()

    def _search(
        self, place: NDArray[np.float32], edges: NDArray[Any], counts: _Counts
    ) -> None:
        found, pairs = close_pairs(place, edges, radius=self._radius, most=self._most)
        counts.found += found
        counts.pairs += pairs
        counts.true += edges.shape[1]
        counts.hits += len(place)


@dataclasses.dataclass
class _Counts:
    """Sums over events."""

    loss: float = 0.0
    queries: int = 0
    found: int = 0
    pairs: int = 0
    true: int = 0
    hits: int = 0

    def verdict(self) -> Verdict:
        figures = {
            "edge_efficiency": self.found / max(self.true, 1),
            "edges_per_hit": self.pairs / max(self.hits, 1),
        }
        return Verdict(self.loss / max(self.queries, 1), metrics=figures)


def _compiled(model: Any, objective: Objective) -> tuple[_Loss, _Places]:
    """Loss and places of an event of any size, with one trace each."""
    inputs = [tensor.name for tensor in model.inputs]

    def loss(batch: dict[str, Any]) -> Any:
        return objective.total(batch, training=False)

    def places(batch: dict[str, Any]) -> Any:
        return model([batch[name] for name in inputs], training=False)["place"]

    total, place = _Traced(loss, objective.columns), _Traced(places, inputs)
    return lambda unit: float(total(unit)), lambda unit: place(unit).numpy()


class _Traced:
    """A function of some columns as a graph, made at its first call."""

    def __init__(self, function: Callable[..., Any], names: Sequence[str]) -> None:
        self._function, self._names = function, names
        self._graph: Any = None

    def __call__(self, unit: Unit) -> Any:
        batch = {name: tf.constant(unit[name]) for name in self._names}
        if self._graph is None:
            specs = {
                name: tf.TensorSpec([None, *tensor.shape[1:]], tensor.dtype)
                for name, tensor in batch.items()
            }
            self._graph = tf.function(self._function, input_signature=[specs])
        return self._graph(batch)
