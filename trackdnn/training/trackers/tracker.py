"""What a tracker is, and what keeps a training safe from it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from trackdnn.errors import Stopped

if TYPE_CHECKING:
    from trackdnn.training.history import Epoch

log = logging.getLogger(__name__)

# How a training has ended in this process.
Status = Literal["complete", "stopped", "failed"]


class Tracker(Protocol):
    """Is told of a training, from its start in this process to its end.

    Steps are epochs counted over all stages, from 1. A training that goes on from a
    checkpoint may tell of an epoch again.
    """

    def start(self, rows: Sequence[Epoch]) -> None:
        """The training begins, or goes on after these epochs."""

    def epoch(self, row: Epoch) -> None:
        """An epoch is done; its row is in `history.jsonl`, its checkpoint saved."""

    def finish(self, status: Status) -> None:
        """The training has ended in this process; the last call."""


class Reporter:
    """Tells a tracker of a training, which goes on whatever the tracker does.

    Args:
        tracker: The tracker, or `None` for nobody. After its first failure there is
            one warning, and it is told of nothing more.
    """

    def __init__(self, tracker: Tracker | None) -> None:
        self._tracker = tracker

    def start(self, rows: Sequence[Epoch]) -> None:
        """Tells of the epochs that are done already."""
        with self._guarded() as tracker:
            if tracker is not None:
                tracker.start(rows)

    def epoch(self, row: Epoch) -> None:
        """Tells of an epoch."""
        with self._guarded() as tracker:
            if tracker is not None:
                tracker.epoch(row)

    def finish(self, status: Status) -> None:
        """Tells of the end."""
        with self._guarded() as tracker:
            if tracker is not None:
                tracker.finish(status)
        self._tracker = None

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[Tracker | None]:
        try:
            yield self._tracker
        except Exception as error:
            self._tracker = None
            log.warning(
                "the tracker is off until the next start, and the training goes on "
                "without it: %s: %s",
                type(error).__name__,
                error,
            )


@contextlib.contextmanager
def reporting(tracker: Tracker | None) -> Iterator[Reporter]:
    """What tells a tracker of a training that happens within it, and of its end."""
    reporter = Reporter(tracker)
    status: Status = "failed"
    try:
        yield reporter
        status = "complete"
    except Stopped:
        status = "stopped"
        raise
    finally:
        reporter.finish(status)


class Steps:
    """Counts epochs over all stages, from 1; a row replaces those it goes back over.

    Args:
        rows: The epochs so far.
    """

    def __init__(self, rows: Sequence[Epoch] = ()) -> None:
        self._places = [(row.stage, row.epoch) for row in rows]

    def of(self, row: Epoch) -> int:
        """Number of the epoch of a row."""
        place = (row.stage, row.epoch)
        while self._places and self._places[-1] >= place:
            self._places.pop()
        self._places.append(place)
        return len(self._places)


def named_values(row: Epoch) -> dict[str, float]:
    """All figures of a row by name; rates of parameter groups as `rates/NAME`."""
    rates = {f"rates/{name}": rate for name, rate in row.rates.items()}
    return {**row.scalars(), **rates, **row.metrics}
