"""The memory of GPUs, as the settings of this machine want it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow as tf

import gpusetter
from trackdnn.errors import DeviceError

if TYPE_CHECKING:
    from trackdnn.settings import LocalSettings


def share_memory(local: LocalSettings) -> None:
    """Divides the GPUs that TensorFlow sees; comes before its first operation.

    Without `logical_devices` above 1 and without `memory_limit` a GPU's memory is taken
    as it is needed, so that others can use the rest; TensorFlow would take all at once.

    Args:
        local: Settings of this machine, with `gpus` above 0.

    Raises:
        DeviceError: If TensorFlow has started already.
    """
    cards = tf.config.list_physical_devices("GPU")
    divided = local.logical_devices > 1 or local.memory_limit is not None
    limit = gpusetter.choose(local).memory_limit if divided else None
    try:
        for card in cards:
            _share(card, limit, local.logical_devices)
    except RuntimeError as error:
        raise DeviceError(
            "local.gpus, logical_devices and memory_limit must be set before "
            f"TensorFlow starts. Received: {str(error).splitlines()[0]}. Start the "
            "training in a new process"
        ) from error


def _share(card: Any, limit: int | None, count: int) -> None:
    """Says it once: another training of this process finds it as it wants it."""
    if limit is None:
        if not tf.config.experimental.get_memory_growth(card):
            tf.config.experimental.set_memory_growth(card, True)
        return
    parts = [tf.config.LogicalDeviceConfiguration(memory_limit=limit)] * count
    if tf.config.get_logical_device_configuration(card) != parts:
        tf.config.set_logical_device_configuration(card, parts)
