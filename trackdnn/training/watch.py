"""When a training must stop: a signal, or a limit of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackdnn.errors import Stopped
from trackdnn.training.signals import STOPPED

if TYPE_CHECKING:
    from trackdnn.training.limits import Limits
    from trackdnn.training.signals import Interruption

AGAIN = "The same command goes on from there."


class Watch:
    """Looks at signals and limits, and says in words why to stop.

    Args:
        interruption: Receives signals; `None` for none.
        limits: Time and epochs of the run; `None` for none.
    """

    def __init__(
        self, interruption: Interruption | None = None, limits: Limits | None = None
    ) -> None:
        self._interruption, self._limits = interruption, limits

    def must_stop(self, *, between_epochs: bool) -> Stopped | None:
        """What to raise once a checkpoint is written, or `None` to go on."""
        limits, signalled = self._limits, self.interrupted()
        if limits is None or signalled is not None:
            return signalled
        reason = (
            limits.must_stop_before_epoch()
            if between_epochs
            else limits.must_stop_now()
        )
        return Stopped(f"stopped: {reason}. {AGAIN}", STOPPED) if reason else None

    def interrupted(self) -> Stopped | None:
        """What to raise because of a signal."""
        signals = self._interruption
        if signals is None or signals.reason is None:
            return None
        return Stopped(f"stopped: {signals.reason}. {AGAIN}", signals.exit_code)

    def stage_begins(self) -> None:
        """Epochs from now on have another length."""
        if self._limits is not None:
            self._limits.stage_begins()

    def epoch_done(self, seconds: float) -> None:
        """Takes note of a finished epoch."""
        if self._limits is not None:
            self._limits.epoch_done(seconds)

    def checkpoint_done(self, seconds: float) -> None:
        """Takes note of how long a checkpoint took."""
        if self._limits is not None:
            self._limits.checkpoint_done(seconds)
