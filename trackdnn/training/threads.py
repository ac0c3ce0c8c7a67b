"""Threads of TensorFlow: how many for an operation, how many operations at a time."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import tensorflow as tf

if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger(__name__)


def threads_of(lanes: Iterable[int], most: int, cores: int) -> tuple[int, int]:
    """Threads within an operation, and operations at a time.

    Args:
        lanes: Lanes of each stage, at least one.
        most: Threads of a training, 0 for one per core.
        cores: Cores that this process may use.

    Returns:
        Both; 0 where the choice is TensorFlow's.
    """
    listed = tuple(lanes)
    few, many = min(listed), max(listed)
    if few == 1:
        # In some stage the operations must fill the cores by themselves.
        return most, most
    total = most or cores
    return max(1, total // few), min(total, many)


def set_threads(lanes: Iterable[int], most: int = 0) -> None:
    """Divides the cores between the lanes; only before TensorFlow's first operation.

    Later nothing changes, apart from a warning where `most` is not kept. The network
    that results is the same, to rounding.

    Args:
        lanes: Lanes of each stage.
        most: Threads of a training, 0 for one per core.
    """
    inside, beside = threads_of(lanes, most, len(os.sched_getaffinity(0)))
    try:
        tf.config.threading.set_intra_op_parallelism_threads(inside)
        tf.config.threading.set_inter_op_parallelism_threads(beside)
    except RuntimeError:
        if most and most != tf.config.threading.get_intra_op_parallelism_threads():
            log.warning(
                "local.cpu_threads=%d comes too late: TensorFlow has started", most
            )
