"""Steps on several devices, of one process or of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from trackdnn.training.steps import whole_of
from trackdnn.training.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trackdnn.training.averaging import WeightAverage
    from trackdnn.training.steps import Batches, Step


class MirroredPass:
    """Steps on several devices: each replica takes its share of every batch.

    The shares differ by one sample at most. The replicas of several workers are
    counted through, so that each worker, who reads all batches, feeds its own ones and
    all together train on each sample once. Batch normalisation, if the network has any,
    sees the share rather than the batch, so that its statistics differ from those of
    one device; all else is equal to rounding.

    Args:
        strategy: `tf.distribute.MirroredStrategy` or `MultiWorkerMirroredStrategy`, in
            whose scope the model was built.
        step: What each step does.
        average: Running average of the weights to update, or `None`.
    """

    def __init__(
        self, strategy: Any, step: Step, average: WeightAverage | None = None
    ) -> None:
        self._strategy, self._step, self._average = strategy, step, average
        self._compiled = tf.function(self._one, autograph=False, reduce_retracing=True)
        self._refers: Mapping[str, str] = {}

    def run(self, chunk: Batches, rates: NDArray[np.float32]) -> NDArray[np.float32]:
        """Takes the steps of a chunk; gives their losses.

        Args:
            chunk: Batches of some steps.
            rates: Float32 array of shape `(steps,)`, learning rates.

        Returns:
            Float32 array of shape `(steps,)`, mean weighted loss of each batch.
        """
        losses = []
        whole = whole_of(chunk, self._step.objective)
        for step, rate in enumerate(rates):
            self._step.optimizer.set_rate(rate)
            batch = whole.between(*chunk.bounds[step : step + 2].tolist())
            shares = self._shares(batch)
            losses.append(self._compiled(*shares, tf.constant(chunk.sizes[step])))
        return np.array([loss.numpy() for loss in losses], np.float32)

    def _shares(self, batch: View) -> tuple[Any, Any, Any]:
        """Columns, units and offsets of the shares, each with a value per replica."""
        count = self._strategy.num_replicas_in_sync
        shares = [batch.share(replica, count).alone() for replica in range(count)]
        self._refers = batch.refers

        def spread(arrays: list[Any]) -> Any:
            return self._strategy.experimental_distribute_values_from_function(
                lambda context: tf.constant(arrays[context.replica_id_in_sync_group])
            )

        columns = {
            name: spread([share.columns[name] for share in shares])
            for name in batch.columns
        }
        offsets = {
            name: spread([share.offsets[name] for share in shares])
            for name in batch.offsets
        }
        return columns, spread([share.stop for share in shares]), offsets

    def _one(self, *arguments: Any) -> Any:
        losses = self._strategy.run(self._take, args=arguments)
        if self._average is not None:
            self._average.update()
        return self._strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)

    def _take(self, columns: Any, units: Any, offsets: Any, size: Any) -> Any:
        return self._step.take(View(columns, 0, units, offsets, self._refers), size)
