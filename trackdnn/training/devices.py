"""Where a training runs: one device, or one replica of the network on each of several.

`gpusetter` chooses the GPUs and the number of threads before TensorFlow starts; here
its choice becomes a strategy. Nothing here changes the network that results, beyond
rounding.
"""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from trackdnn.errors import DeviceError
from trackdnn.silence import silenced
from trackdnn.training.gpus import share_memory
from trackdnn.training.rendezvous import meet
from trackdnn.training.signals import SIGNALS
from trackdnn.training.team import Team
from trackdnn.training.workers import NAME, Workers, read_workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from trackdnn.settings import LocalSettings

# Seconds that TensorFlow may take to connect workers that are all there.
CONNECT = 120.0


def make_team(local: LocalSettings) -> Team:
    """The workers of this training, with the devices that they use.

    Several workers, as `TF_CONFIG` names them, must come before any operation of
    TensorFlow, and are the same for all trainings of a process. They wait for each
    other here.

    Args:
        local: Settings of this machine.

    Returns:
        The team; of one, where `TF_CONFIG` does not name several.

    Raises:
        DeviceError: If `TF_CONFIG` is wrong, a worker does not come, or the devices
            asked for are not there.
    """
    workers = read_workers(os.environ)
    if workers is None:
        strategy = choose_strategy(local)
        with silenced():
            # TensorFlow looks for devices, and calls it an error to find no GPU.
            tf.config.list_logical_devices()
        return Team(strategy)
    if local.logical_cpus > 1:
        raise DeviceError(
            f"`local.logical_cpus` must be 1 where {NAME} names several workers, each "
            f"of which is one CPU, or its GPUs. Received: logical_cpus="
            f"{local.logical_cpus} with {workers.count} workers. Leave it out, or "
            f"unset {NAME}"
        )
    if local.gpus > 0:
        share_memory(local)
    return _several(workers, local.gpus > 0)


@functools.lru_cache(maxsize=1)
def _several(workers: Workers, on_gpus: bool) -> Team:
    found = tf.config.list_physical_devices("GPU")
    if on_gpus and not found:
        raise _no_gpu("gpus above 0")
    with _started_early():
        if not on_gpus:
            # TensorFlow takes every GPU that it sees.
            tf.config.set_visible_devices([], "GPU")
        meet(workers, len(found) if on_gpus else 1)
        with _own_signals(), _not_for_ever():
            strategy = tf.distribute.MultiWorkerMirroredStrategy()
    return Team(strategy, workers)


@contextlib.contextmanager
def _started_early() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, DeviceError):
            raise
        raise DeviceError(
            f"The workers of {NAME} must be known before TensorFlow starts. Received: "
            f"{str(error).splitlines()[0]}. Start the training in a new process"
        ) from error
    except tf.errors.OpError as error:
        raise DeviceError(
            f"The workers of {NAME} must reach each other. Received: "
            f"{error.message.splitlines()[0][:160]}. Make sure that the addresses are "
            "those of these machines, that their ports are free, and no firewall is "
            "between them"
        ) from error


@contextlib.contextmanager
def _not_for_ever() -> Iterator[None]:
    """Ends the process if it takes too long.

    A worker that dies while TensorFlow connects leaves the first one stuck in it, with
    Python stopped and deaf to signals: only a thread of C can end that.
    """
    if sys.__stderr__ is None:
        yield
        return
    faulthandler.dump_traceback_later(CONNECT, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@contextlib.contextmanager
def _own_signals() -> Iterator[None]:
    """Takes SIGTERM back from TensorFlow, who would swallow it from now on."""
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                signal.signal(number, signal.getsignal(number) or signal.SIG_DFL)


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
        share_memory(local)
        names = [device.name for device in tf.config.list_logical_devices("GPU")]
        if not names:
            raise _no_gpu(f"gpus={local.gpus}")
    else:
        names = _logical_cpus(local.logical_cpus)
    if len(names) < 2:
        return None
    # Not the default, collective operations, which mix up two trainings in one process.
    reduction = tf.distribute.HierarchicalCopyAllReduce()
    return tf.distribute.MirroredStrategy(names, cross_device_ops=reduction)


def _no_gpu(received: str) -> DeviceError:
    return DeviceError(
        "`local.gpus` must be 0 where TensorFlow sees no GPU. "
        f"Received: {received}. Set local.gpus=0, or install a "
        "TensorFlow that was built for this GPU"
    )


def is_alone(strategy: Any | None) -> bool:
    """Whether one CPU computes all."""
    return strategy is None and not tf.config.list_logical_devices("GPU")


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
