"""Weights & Biases, told by a process of its own that may be slow, hang or die."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import trackdnn
from trackdnn.training.trackers.record import LOG
from trackdnn.training.trackers.wandb_process import LOOK

if TYPE_CHECKING:
    from trackdnn.settings.tracking import WandbSettings
    from trackdnn.training.history import Epoch
    from trackdnn.training.trackers.tracker import Status

log = logging.getLogger(__name__)

MODULE = "trackdnn.training.trackers.wandb_process"
# Seconds that the end of a training waits: a job that was told to stop has ten.
PATIENCE: dict[Status, float] = {"complete": 8.0, "stopped": 3.0, "failed": 3.0}
_LONGEST = 300


class WandbError(RuntimeError):
    """The process that tells Weights & Biases has ended too early."""


class WandbTracker:
    """Tells another process to look at the history; never waits for it but at the end.

    Args:
        folder: The run folder.
        settings: How the run shows there.
        command: The process without its arguments.
    """

    def __init__(
        self,
        folder: Path,
        settings: WandbSettings,
        command: Sequence[str] = (sys.executable, "-P", "-m", MODULE),
    ) -> None:
        self._folder = folder.absolute()
        options = settings.model_dump(mode="json", exclude_none=True)
        self._command = [*command, str(self._folder), json.dumps(options)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, rows: Sequence[Epoch]) -> None:
        """Starts the process; what it has missed it finds in the history."""
        with (self._folder / LOG).open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": _python_path()},
                # Ctrl-C is for the training.
                start_new_session=True,
                bufsize=0,
            )
        assert self._process.stdin is not None  # as asked for
        os.set_blocking(self._process.stdin.fileno(), False)
        self._order(LOOK)

    def epoch(self, row: Epoch) -> None:
        """Tells the process to look."""
        self._order(LOOK)

    def finish(self, status: Status) -> None:
        """Tells the process how it ended, and waits for it, though not for long."""
        if self._process is None:
            return
        self._order(status)
        assert self._process.stdin is not None  # as asked for
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE[status])
        except subprocess.TimeoutExpired:
            log.warning(
                "Weights & Biases are still being told of %s; that goes on in process "
                "%d, see %s there",
                self._folder,
                self._process.pid,
                LOG,
            )
            # Nobody will ask for it, and it ends by itself.
            self._process.returncode = 0
            return
        self._check()

    def _order(self, word: str) -> None:
        self._check()
        assert self._process is not None  # the call before
        assert self._process.stdin is not None  # as asked for
        try:
            # A process that does not read has orders enough: `None` is fine.
            self._process.stdin.write(f"{word}\n".encode())
        except BrokenPipeError:
            self._process.wait(PATIENCE["failed"])
            self._check()

    def _check(self) -> None:
        assert self._process is not None  # started
        if code := self._process.poll():
            assert self._process.stdin is not None  # as asked for
            self._process.stdin.close()
            raise WandbError(f"exit code {code}; {self._last_words()}")

    def _last_words(self) -> str:
        path = self._folder / LOG
        lines = path.read_text("utf-8", errors="replace").strip().splitlines()
        return f"{path} ends with: {lines[-1][:_LONGEST] if lines else 'nothing'}"


def _python_path() -> str:
    """Where this trackdnn is, installed or not, before what was there."""
    places = [str(Path(trackdnn.__file__).parents[1]), os.environ.get("PYTHONPATH")]
    return os.pathsep.join(place for place in places if place)
