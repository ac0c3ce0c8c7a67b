"""Event files that TensorBoard shows, one record per epoch.

Steps go on over stages and resumes. Where a training goes back over epochs that are in
the event files, a record of its start says so, and TensorBoard forgets them
(`tensorboard/backend/event_processing/event_accumulator.py`, "purge").
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trackdnn.training.trackers.tracker import Status, Steps, named_values

if TYPE_CHECKING:
    from pathlib import Path

    from trackdnn.training.history import Epoch


class TensorBoardTracker:
    """Writes the history as scalars, as it grows.

    Args:
        folder: Where the event files go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._steps, self._last = Steps(), 0
        self._writer: Any = None

    def start(self, rows: Sequence[Epoch]) -> None:
        """Opens an event file; epochs that the ones before lack are written."""
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self._last = min(last_step(self._folder), len(rows))
        self._steps = Steps(rows[: self._last])
        self._writer = EventFileWriter(str(self._folder))
        # The first one counts as the start, each later one as one over.
        begun = SessionLog(status=SessionLog.START)
        self._add(Event(step=self._last + 1, session_log=begun))
        for row in rows[self._last :]:
            self._add_row(row)
        self._writer.flush()

    def epoch(self, row: Epoch) -> None:
        """Writes a row, all of it or nothing."""
        self._add_row(row)
        self._writer.flush()

    def finish(self, status: Status) -> None:
        """Closes the event file."""
        if self._writer is not None:
            self._writer.close()

    def _add_row(self, row: Epoch) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        step = self._steps.of(row)
        if step <= self._last:
            return
        self._last = step
        values = [
            Summary.Value(tag=name, simple_value=value)
            for name, value in named_values(row).items()
        ]
        self._add(Event(step=step, summary=Summary(value=values)))

    def _add(self, event: Any) -> None:
        event.wall_time = time.time()
        self._writer.add_event(event)


def last_step(folder: Path) -> int:
    """The last epoch that event files tell of, 0 without any.

    Args:
        folder: Where they lie; half a record at the end of one does not count.
    """
    from tensorboard.backend.event_processing.event_file_loader import (
        LegacyEventFileLoader,
    )

    return max(
        (
            int(event.step)
            for path in folder.glob("events.out.tfevents.*")
            for event in LegacyEventFileLoader(str(path)).Load()
            if event.HasField("summary")
        ),
        default=0,
    )
