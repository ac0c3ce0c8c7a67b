"""What the workers of one training tell each other, besides gradients.

All of it goes through sums over the workers, in which everybody but the speaker adds
zeros, so that what arrives is what was said, bit for bit. Every worker must therefore
make the same calls in the same order, and whatever may differ between workers (a clock,
a signal, a file, a figure in its last digit) is asked of the chief before it decides
anything. A training of one process is a team of one, for which nothing is sent.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import tensorflow as tf

from trackdnn import errors
from trackdnn.errors import DeviceError, RunError, Stopped, TrackdnnError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from trackdnn.training.workers import Workers

    Numbers = NDArray[Any]

Value = TypeVar("Value")

# Numbers of 4 bytes that travel at once.
_AT_ONCE = 4 << 20
# What TensorFlow raises on those who stay, when a worker is gone.
_LOST = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.InternalError,
    tf.errors.UnavailableError,
)


class Team:
    """The workers of a training, one of which is this process.

    Args:
        strategy: What spreads the training over devices; `None` for one device.
        workers: The workers, if there are several.
    """

    def __init__(self, strategy: Any = None, workers: Workers | None = None) -> None:
        self.strategy, self._workers = strategy, workers
        self.count = 1 if workers is None else workers.count
        self.number = 0 if workers is None else workers.number
        self._compiled = tf.function(
            self._reduced, autograph=False, reduce_retracing=True
        )

    @property
    def is_chief(self) -> bool:
        """Whether this worker writes what the training leaves."""
        return self.number == 0

    def total(self, numbers: Numbers) -> Numbers:
        """Sum over the workers, of float64 or int32 numbers of any one shape."""
        if self.count == 1:
            return numbers
        with self.watched():
            # Of several replicas of a worker the first one speaks.
            local = self.strategy.num_replicas_in_sync // self.count
            values = self.strategy.experimental_distribute_values_from_function(
                lambda context: tf.constant(
                    numbers
                    if context.replica_id_in_sync_group % local == 0
                    else np.zeros_like(numbers)
                )
            )
            found: Numbers = self._compiled(values).numpy()
        return found

    def gather(self, number: float) -> list[float]:
        """One number of each worker, in their order."""
        mine = np.zeros(self.count, np.float64)
        mine[self.number] = number
        return [float(one) for one in self.total(mine)]

    def chiefs(self, number: float) -> float:
        """The chief's number."""
        return self.gather(number)[0]

    def hear(self, content: bytes, speaker: int = 0) -> bytes:
        """What one worker says, to all; what the others give is not looked at."""
        if self.count == 1:
            return content
        mine = content if self.number == speaker else b""
        length = int(self.gather(len(mine))[speaker])
        sent = np.zeros(-(-length // 4), np.int32)
        sent.view(np.uint8)[: len(mine)] = np.frombuffer(mine, np.uint8)
        parts = [
            self.total(sent[start : start + _AT_ONCE])
            for start in range(0, len(sent), _AT_ONCE)
        ]
        return b"".join(part.tobytes() for part in parts)[:length]

    def by_chief(self, action: Callable[[], Value]) -> Value:
        """Lets the chief do something, and gives to all what came of it.

        Args:
            action: Gives what JSON can hold; called on the chief alone.

        Returns:
            What it gave.

        Raises:
            TrackdnnError: Whatever it raises, on all workers.
            Stopped: The same.
        """
        if self.count == 1:
            return action()
        found: Any = None
        fault: Exception | None = None
        if self.is_chief:
            try:
                found = action()
            except Exception as error:  # nobody must wait for it in vain
                fault = error
        said = {"found": found, "fault": None if fault is None else _told(fault)}
        heard = json.loads(self.hear(json.dumps(said).encode()))
        if fault is not None:
            raise fault
        if heard["fault"] is not None:
            raise _heard(heard["fault"])
        given: Value = found if self.is_chief else heard["found"]
        return given

    def agree(self, what: str, mine: str) -> None:
        """Makes sure that all workers have the same.

        Args:
            what: Names it in the message.
            mine: What stands for it here.

        Raises:
            RunError: If they do not, on all workers.
        """
        same = self.hear(mine.encode()).decode() == mine
        others = [number for number, ok in enumerate(self.gather(same)) if not ok]
        if self.count > 1 and others:
            raise RunError(
                f"All workers must have the same {what}. Received: others for worker "
                f"{', '.join(map(str, others))} than for worker 0. Give all the same "
                "command, settings and files"
            )

    def level(self, variables: Iterable[Any]) -> None:
        """Gives variables the chief's values, on all workers."""
        if self.count == 1:
            return
        values = [(each, np.asarray(each.numpy())) for each in variables]
        heard, start = self.hear(b"".join(one.tobytes() for _, one in values)), 0
        for variable, value in values:
            new = np.frombuffer(heard, value.dtype, value.size, start)
            variable.assign(new.reshape(value.shape))
            start += value.nbytes

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Within it, the loss of a worker is told in one line.

        Raises:
            DeviceError: If a worker is gone.
        """
        try:
            yield
        except _LOST as error:
            if self.count == 1:
                raise
            first = str(error).replace("Graph execution error:", "").split("\n")
            reason = [line for line in map(str.strip, first) if "by:" in line]
            raise DeviceError(
                f"All {self.count} workers must stay until the training has ended. "
                f"Received: {(reason or [type(error).__name__])[0][:160]}. Look at "
                "what the others say; started again, all go on from the last checkpoint"
            ) from error

    def _reduced(self, values: Any) -> Any:
        found = self.strategy.run(tf.identity, args=(values,))
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, found, axis=None)


def _told(error: Exception) -> dict[str, Any]:
    code = error.exit_code if isinstance(error, Stopped) else None
    return {"kind": type(error).__name__, "text": str(error), "code": code}


def _heard(fault: dict[str, Any]) -> Exception:
    """The chief's error, as the others raise it."""
    if fault["code"] is not None:
        return Stopped(fault["text"], fault["code"])
    kind = getattr(errors, fault["kind"], None)
    if isinstance(kind, type) and issubclass(kind, TrackdnnError):
        return kind(f"worker 0: {fault['text']}")
    return RunError(
        "Worker 0 must be able to go on. Received: an error that it tells of itself"
    )
