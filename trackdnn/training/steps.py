"""Optimisation steps: the inner loop, compiled, on one device or on several.

Both passes average the gradient over the samples of the whole batch, so that a batch
that is split between replicas, or into parts that are computed one after the other,
gives the same step as on one device at once. `model.fit` takes the average of the
parts' averages, whose shares differ in size at times.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Protocol

import tensorflow as tf

from trackdnn.training.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from trackdnn.training.averaging import WeightAverage
    from trackdnn.training.gating import Gates
    from trackdnn.training.loss_scale import LossScale
    from trackdnn.training.objective import Objective


class Batches(Protocol):
    """Some batches in a row: columns, and where each batch starts.

    A batch is a range of units, which are rows, or graphs with many rows: see `View`.
    """

    @property
    def bounds(self) -> NDArray[np.int32]:
        """Shape `(steps + 1,)`: units `bounds[i]:bounds[i + 1]` are batch `i`."""

    @property
    def sizes(self) -> NDArray[np.float32]:
        """Shape `(steps,)`: samples that count in each batch."""

    @property
    def offsets(self) -> Mapping[str, NDArray[np.int32]]:
        """Where the units of each column start; none where each row is a unit."""

    @property
    def refers(self) -> Mapping[str, str]:
        """By column of indices, the column whose rows they count."""

    def columns(self) -> Mapping[str, NDArray[Any]]:
        """Arrays with the rows of all units."""


class Pass(Protocol):
    """Some steps in a row."""

    def run(self, chunk: Batches, rates: NDArray[np.float32]) -> NDArray[np.float32]:
        """Takes the steps of a chunk; gives their losses."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    """One step on tensors that are there already.

    Args:
        objective: What is minimised.
        optimizer: Built on `variables`; a `StageOptimizer`, which takes gradients that
            are added up over all replicas.
        variables: The weights that are trained.
        parts: Into how many parts a batch is split, which are computed one after the
            other: their gradients add up to that of the batch.
        lanes: Into how many lanes each of these is split, which are computed side by
            side, so that every core has one of its own.
        clip: Largest norm of the gradient of all weights together, over all replicas;
            `None` for any.
        scale: Scale of the loss, or `None`.
        gates: Parts of the network that may wait, or `None`.
    """

    objective: Objective
    optimizer: Any
    variables: list[Any]
    parts: int = 1
    lanes: int = 1
    clip: float | None = None
    scale: LossScale | None = None
    gates: Gates | None = None

    def take(self, batch: View, size: Any) -> Any:
        """Applies the gradient of this share of a batch of `size` samples."""
        before = [] if self.gates is None else self.gates.weights()
        total, gradients = self._gradients(batch, size)
        replica = tf.distribute.get_replica_context()
        if replica.num_replicas_in_sync > 1:
            # Each replica must see, and clip, the gradient of the whole batch.
            gradients = replica.all_reduce(tf.distribute.ReduceOp.SUM, gradients)
        if self.scale is not None:
            gradients = self.scale.down(gradients)
        if self.gates is not None:
            gradients = self.gates.mask(gradients, self.variables)
        if self.clip is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, self.clip)
        self._apply(gradients)
        if self.gates is not None:
            self.gates.hold(before, self.optimizer)
        return total

    def _apply(self, gradients: list[Any]) -> None:
        def apply(gradients: list[Any]) -> None:
            self.optimizer.apply(gradients, self.variables)

        if self.scale is None:
            apply(gradients)
        else:
            self.scale.update(gradients, apply)

    def _gradients(self, batch: View, size: Any) -> tuple[Any, list[Any]]:
        if self.parts == 1:
            return self._lanes(batch, size)
        zeros = [tf.zeros(variable.shape, tf.float32) for variable in self.variables]

        def body(index: Any, total: Any, sums: list[Any]) -> tuple[Any, Any, list[Any]]:
            more, gradients = self._lanes(batch.share(index, self.parts), size)
            sums = [one + other for one, other in zip(sums, gradients, strict=True)]
            return index + 1, total + more, sums

        _, total, gradients = tf.while_loop(
            lambda index, *_: index < self.parts,
            body,
            (tf.constant(0), tf.constant(0.0), zeros),
            parallel_iterations=1,
        )
        return total, gradients

    def _lanes(self, batch: View, size: Any) -> tuple[Any, list[Any]]:
        """Lanes have no edges between them, so that they run at the same time."""
        if self.lanes == 1:
            return self._part(batch, size)
        shares = [batch.share(lane, self.lanes) for lane in range(self.lanes)]
        totals, gradients = zip(
            *(self._part(share, size) for share in shares), strict=True
        )
        sums = [tf.add_n(list(each)) for each in zip(*gradients, strict=True)]
        return tf.add_n(list(totals)), sums

    def _part(self, batch: View, size: Any) -> tuple[Any, list[Any]]:
        with tf.GradientTape() as tape:
            total = self.objective.total(batch.arrays()) / size
            scaled = total if self.scale is None else self.scale.up(total)
        found = tape.gradient(scaled, self.variables)
        # Not `unconnected_gradients="zero"`, which fails on variables of Keras.
        pairs = zip(found, self.variables, strict=True)
        return total, [
            tf.zeros(one.shape) if gradient is None else tf.convert_to_tensor(gradient)
            for gradient, one in pairs
        ]


class SingleDevicePass:
    """Steps on one device: the batches of a chunk, and several steps, are one call.

    Args:
        step: What each step does.
        average: Running average of the weights to update, or `None`.
    """

    def __init__(self, step: Step, average: WeightAverage | None = None) -> None:
        self._step, self._average = step, average
        self._compiled: Any = None

    def run(self, chunk: Batches, rates: NDArray[np.float32]) -> NDArray[np.float32]:
        """Takes the steps of a chunk; gives their losses.

        Args:
            chunk: Batches of some steps.
            rates: Float32 array of shape `(steps,)`, learning rates.

        Returns:
            Float32 array of shape `(steps,)`, mean weighted loss of each batch.
        """
        whole = whole_of(chunk, self._step.objective)
        if self._compiled is None:
            self._compiled = self._compile(whole)
        arrays = (_constants(whole.columns), _constants(whole.offsets))
        numbers = (tf.constant(one) for one in (chunk.bounds, chunk.sizes, rates))
        losses: NDArray[np.float32] = self._compiled(*arrays, *numbers).numpy()
        return losses

    def _compile(self, whole: View) -> Any:
        def steps(columns: Any, offsets: Any, *numbers: Any) -> Any:
            view = dataclasses.replace(whole, columns=columns, offsets=offsets)
            return self._steps(view, *numbers)

        each = tf.TensorSpec([None], tf.float32)
        return tf.function(steps, autograph=False).get_concrete_function(
            _specs(whole.columns),
            _specs(whole.offsets),
            *(tf.TensorSpec([None], tf.int32), each, each),
        )

    def _steps(self, whole: View, bounds: Any, sizes: Any, rates: Any) -> Any:
        steps = tf.shape(rates)[0]

        def body(index: Any, losses: Any) -> tuple[Any, Any]:
            batch = whole.between(bounds[index], bounds[index + 1])
            self._step.optimizer.set_rate(rates[index])
            loss = self._step.take(batch, sizes[index])
            if self._average is not None:
                self._average.update()
            return index + 1, losses.write(index, loss)

        start = (tf.constant(0), tf.TensorArray(tf.float32, size=steps))
        _, losses = tf.while_loop(
            lambda index, _: index < steps, body, start, parallel_iterations=1
        )
        return losses.stack()


def whole_of(chunk: Batches, objective: Objective) -> View:
    """All units of a chunk, with the columns that an objective needs."""
    columns, names = chunk.columns(), objective.columns
    offsets = {name: chunk.offsets[name] for name in names if name in chunk.offsets}
    refers = {name: chunk.refers[name] for name in names if name in chunk.refers}
    needed = {name: columns[name] for name in names}
    return View(needed, chunk.bounds[0], chunk.bounds[-1], offsets, refers)


def _constants(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    return {name: tf.constant(array) for name, array in arrays.items()}


def _specs(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    return {
        name: tf.TensorSpec([None, *array.shape[1:]], array.dtype)
        for name, array in arrays.items()
    }
