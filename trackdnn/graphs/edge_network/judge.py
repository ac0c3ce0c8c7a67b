"""Scores a network of edges on whole graphs, after each epoch."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from network.metrics import roc_auc
from trackdnn.errors import TrainingError
from trackdnn.graphs.edge_network.losses import OUTPUT
from trackdnn.training.judge import Verdict
from trackdnn.training.objective import Objective

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from trackdnn.training.objective import Term

    Unit = dict[str, NDArray[Any]]


@dataclasses.dataclass(frozen=True)
class EdgeJudge:
    """Loss and area under the ROC of the edges of some graphs.

    `val_auc` is over the edges of the graphs. `all_edges_auc` is over all true edges:
    one that the graph has missed counts as one with the lowest score, so that it is
    `val_auc` times the share of the true edges that the graphs have.

    Args:
        units: Gives the units, anew each time.
        terms: The losses.
    """

    units: Callable[[], Iterable[Unit]]
    terms: Sequence[Term]
    # Traced once for each network, not once for each epoch.
    _traced: dict[int, tuple[Objective, Any]] = dataclasses.field(
        default_factory=dict, init=False, repr=False
    )

    def __call__(self, model: Any, pulse: Callable[[], None] = lambda: None) -> Verdict:
        """What the network is worth."""
        objective, run = self._prepared(model)
        totals, sizes, counts = 0.0, 0, np.zeros(2, np.int64)
        labels, scores = [], []
        for unit in self.units():
            pulse()
            batch = {name: tf.constant(unit[name]) for name in objective.columns}
            total, logit = run(batch)
            counted = unit["weight"] > 0
            totals += float(total)
            sizes += int(np.count_nonzero(counted))
            counts += unit["counts"]
            labels.append(unit["label"][counted, 0] > 0)
            scores.append(logit.numpy()[counted, 0])
        return _verdict(totals / max(sizes, 1), labels, scores, counts)

    def _prepared(self, model: Any) -> tuple[Objective, Any]:
        if id(model) not in self._traced:
            objective = Objective(model, self.terms)
            self._traced[id(model)] = objective, _compiled(model, objective)
        return self._traced[id(model)]


def _verdict(
    loss: float,
    labels: Sequence[NDArray[np.bool_]],
    scores: Sequence[NDArray[np.float32]],
    counts: NDArray[np.int64],
) -> Verdict:
    label, score = np.concatenate(labels), np.concatenate(scores)
    if not np.isfinite(score).all():
        raise TrainingError(
            "The scores of the validation edges must stay finite. Received: NaN. Lower "
            "the learning_rate of the stages of finding.network."
        )
    true = int(np.count_nonzero(label))
    if not 0 < true < len(label):
        raise TrainingError(
            "The graphs of validation must have true and false edges. Received: "
            f"{true} true and {len(label) - true} false ones. Take more events for "
            "validation."
        )
    auc = roc_auc(label, score)
    share = float(counts[0] / max(counts[1], 1))
    figures = {"edge_efficiency": share, "all_edges_auc": auc * share}
    return Verdict(loss, auc, figures)


def _compiled(model: Any, objective: Objective) -> Any:
    """One trace for graphs of any size; both the loss and the logits of edges."""
    names = [tensor.name for tensor in model.inputs]

    def run(batch: dict[str, Any]) -> tuple[Any, Any]:
        found = model([batch[name] for name in names], training=False)
        return objective.total(batch, training=False), found[OUTPUT]

    return tf.function(run, reduce_retracing=True, autograph=False)
