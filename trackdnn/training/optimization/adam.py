"""Adam and AdamW whose update of a weight is one operation.

Keras composes it of a dozen, each of which goes through the memory once more. With
batches of some hundred tracks that takes a tenth of a step on a CPU.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from trackdnn.training.optimization.stage_optimizer import StageOptimizer


class OneOperation(keras.optimizers.Adam):  # type: ignore[misc]
    """Keras' recursion of Adam by TensorFlow's kernel for it.

    Source:
        Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        if self.amsgrad:
            super().update_step(gradient, variable, learning_rate)
            return
        index, dtype = self._get_variable_index(variable), variable.dtype
        zero = tf.constant(0.0, dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            # The correction for the first steps is in the rate.
            beta1_power=zero,
            beta2_power=zero,
            lr=tf.cast(self._corrected(learning_rate), dtype),
            beta1=tf.constant(self.beta_1, dtype),
            beta2=tf.constant(self.beta_2, dtype),
            epsilon=tf.constant(self.epsilon, dtype),
            grad=tf.cast(tf.convert_to_tensor(gradient), dtype),
        )

    def _corrected(self, learning_rate: Any) -> Any:
        """`rate sqrt(1 - b2^t) / (1 - b1^t)`, in float64.

        In float32, 1 - 0.999 has lost half of its digits. That of the kernel has, too,
        so that its memory is the float32 next to 0.999, here as there.
        """
        step = tf.cast(self._iterations.value + 1, tf.float64)
        first, second = (
            1 - tf.pow(tf.constant(np.float32(beta), tf.float64), step)
            for beta in (self.beta_1, self.beta_2)
        )
        return tf.cast(learning_rate, tf.float64) * tf.sqrt(second) / first


class Adam(StageOptimizer, OneOperation):
    """Adam behind the seam of the training; arguments are those of Keras' Adam."""


class AdamW(StageOptimizer, OneOperation, keras.optimizers.AdamW):  # type: ignore[misc]
    """AdamW behind the seam of the training; arguments are those of Keras' AdamW."""
