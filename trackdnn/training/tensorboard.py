"""Event files that TensorBoard shows, on request."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING

import tensorflow as tf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from trackdnn.training.history import Epoch


@contextlib.contextmanager
def tensorboard_writer(folder: Path | None) -> Iterator[Callable[[Epoch], None]]:
    """Writes the history, one scalar per column, as it grows.

    Args:
        folder: Where the event files go, or `None` for nowhere.

    Yields:
        A function that takes the row of an epoch.
    """
    if folder is None:
        yield lambda row: None
        return
    writer = tf.summary.create_file_writer(str(folder))

    def write(row: Epoch) -> None:
        values = dataclasses.asdict(row)
        step = values.pop("epoch")
        with writer.as_default():
            for name, value in values.items():
                tf.summary.scalar(name, value, step=step)
        writer.flush()

    try:
        yield write
    finally:
        writer.close()
