"""What a training minimises: weighted losses of the outputs of a network.

A batch is a mapping of names to columns. A network takes the columns that have the
names of its inputs; each term of the objective compares one of its outputs with one
column, and weighs the samples with another.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from trackdnn.errors import SettingsError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Columns = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Term:
    """One loss of an objective.

    Args:
        loss: Function of targets and outputs, of shape `(samples, …)` each, that gives
            a loss per sample, of shape `(samples,)`.
        target: Column that the output is compared with.
        weight: Column with the weight of each sample.
        output: Name of the output; `None` for the only one.
        share: Factor of this term.
        extra: Columns that the loss is given after the output, such as the ends of the
            edges whose scores it compares.
    """

    loss: Callable[..., Any]
    target: str = "label"
    weight: str = "weight"
    output: str | None = None
    share: float = 1.0
    extra: tuple[str, ...] = ()


class Objective:
    """The sum of some terms, for one network.

    Args:
        model: A functional `keras.Model`.
        terms: At least one.

    Raises:
        SettingsError: If a term names an output that the network does not have, or
            none where it has several.
    """

    def __init__(self, model: Any, terms: Sequence[Term]) -> None:
        self._model, self._terms = model, tuple(terms)
        self._inputs = [tensor.name for tensor in model.inputs]
        self._outputs = _names(model)
        self._places = [self._place(term) for term in self._terms]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that a batch must have."""
        needed = [
            name
            for term in self._terms
            for name in (term.target, term.weight, *term.extra)
        ]
        return tuple(dict.fromkeys([*self._inputs, *needed]))

    def total(self, batch: Columns, *, training: bool = True) -> Any:
        """Sum over the samples of a batch, as a float32 scalar."""
        given = [batch[name] for name in self._inputs]
        found = self._model(given, training=training)
        outputs = _listed(found, self._outputs)
        totals = [
            term.share * _total(term, batch, outputs[place])
            for term, place in zip(self._terms, self._places, strict=True)
        ]
        return tf.add_n(totals)

    def _place(self, term: Term) -> int:
        if term.output is None and len(self._outputs) == 1:
            return 0
        if term.output not in self._outputs:
            raise SettingsError(
                f"A loss must name one of the outputs {', '.join(self._outputs)} of "
                f"the network. Received: {term.output}."
                f"{nearest(str(term.output), self._outputs)}"
            )
        return self._outputs.index(term.output)


def _total(term: Term, batch: Columns, output: Any) -> Any:
    extra = [batch[name] for name in term.extra]
    losses = term.loss(batch[term.target], output, *extra)
    return tf.reduce_sum(batch[term.weight] * tf.cast(losses, tf.float32))


def _names(model: Any) -> list[str]:
    return list(model.output if isinstance(model.output, dict) else model.output_names)


def _listed(found: Any, names: Sequence[str]) -> list[Any]:
    if isinstance(found, dict):
        return [found[name] for name in names]
    return list(found) if isinstance(found, (list, tuple)) else [found]
