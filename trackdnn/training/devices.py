"""Where a training runs: one device, or one replica of the network on each of several.

`gpusetter` chooses the GPUs and the number of threads before TensorFlow starts; here
its choice becomes a strategy. Nothing here changes the network that results, beyond
rounding.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from trackdnn.errors import DeviceError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from trackdnn.settings import LocalSettings


def choose_strategy(local: LocalSettings) -> Any | None:
    """The strategy that uses every device this job may use.

    Args:
        local: Settings of this machine. With `gpus` above 0, the logical GPUs that
            TensorFlow sees are used; else, with `logical_cpus` above 1, as many
            logical CPUs, which serves tests rather than speed.

    Returns:
        `tf.distribute.MirroredStrategy` over several devices, or `None` for one.

    Raises:
        DeviceError: If there is no GPU where one was asked for, or if TensorFlow has
            started already with fewer logical CPUs.
    """
    if local.gpus > 0:
        names = [device.name for device in tf.config.list_logical_devices("GPU")]
        if not names:
            raise DeviceError(
                "`local.gpus` must be 0 where TensorFlow sees no GPU. "
                f"Received: gpus={local.gpus}. Set local.gpus=0, or install a "
                "TensorFlow that was built for this GPU"
            )
    else:
        names = _logical_cpus(local.logical_cpus)
    if len(names) < 2:
        return None
    # Not the default, collective operations, which mix up two trainings in one process.
    reduction = tf.distribute.HierarchicalCopyAllReduce()
    return tf.distribute.MirroredStrategy(names, cross_device_ops=reduction)


def scope(strategy: Any | None) -> AbstractContextManager[Any]:
    """The context in which variables are made: the strategy's, or none."""
    return contextlib.nullcontext() if strategy is None else strategy.scope()


def _logical_cpus(count: int) -> list[str]:
    if count < 2:
        return []
    with contextlib.suppress(RuntimeError):  # TensorFlow has started already
        cpu = tf.config.list_physical_devices("CPU")[0]
        parts = [tf.config.LogicalDeviceConfiguration() for _ in range(count)]
        tf.config.set_logical_device_configuration(cpu, parts)
    found = [device.name for device in tf.config.list_logical_devices("CPU")]
    if len(found) < count:
        raise DeviceError(
            f"`local.logical_cpus` must be set before TensorFlow starts. Received: "
            f"logical_cpus={count}, but TensorFlow runs with {len(found)} already. "
            "Start the training in a new process"
        )
    return found[:count]
