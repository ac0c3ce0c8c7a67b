"""What runs once a training is complete: `local.on_finish`."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from trackdnn.training.run import MANIFEST, SUMMARY

log = logging.getLogger(__name__)

# All that the command has printed, in the run folder.
OUTPUT = "on_finish.log"
# Lines of it that are shown, and characters of one.
_SHOWN, _WIDTH = 5, 200


def run_on_finish(
    command: Sequence[str],
    folder: Path,
    seconds: float,
    say: Callable[[Iterable[str]], None] = lambda lines: None,
) -> int | None:
    """Runs a command in a run folder whose training is complete, without a shell.

    It finds TRACKDNN_RUN, TRACKDNN_STATUS, TRACKDNN_MANIFEST, TRACKDNN_SUMMARY and
    TRACKDNN_PYTHON in its environment. Whatever it does, the training stays complete:
    a failure is a warning.

    Args:
        command: Program and arguments; nothing is run if there are none.
        folder: The run folder.
        seconds: Longest time; then it is killed, with all that it has started.
        say: Is told how it has ended, and what it has printed last.

    Returns:
        Its exit code, negative for a signal; `None` if it did not come to one.
    """
    if not command:
        return None
    try:
        code = _run(command, folder.absolute(), seconds)
    except subprocess.TimeoutExpired:
        log.warning(
            "local.on_finish must end within %g s (local.on_finish_seconds), and was "
            "killed; the training is complete. %s",
            seconds,
            " ".join(_last_lines(folder)),
        )
        return None
    except (OSError, ValueError) as error:
        log.warning(
            "local.on_finish cannot be run; the training is complete. Received: %s",
            error,
        )
        return None
    lines = _last_lines(folder)
    if code:
        log.warning(
            "local.on_finish ended with exit code %d; the training is complete. %s",
            code,
            " ".join(lines),
        )
    else:
        say(["on_finish: exit code 0", *lines])
    return code


def _run(command: Sequence[str], folder: Path, seconds: float) -> int:
    environment = {
        "TRACKDNN_RUN": str(folder),
        "TRACKDNN_STATUS": "complete",
        "TRACKDNN_MANIFEST": str(folder / MANIFEST),
        "TRACKDNN_SUMMARY": str(folder / SUMMARY),
        "TRACKDNN_PYTHON": sys.executable,
    }
    # A file, not a pipe: what the command leaves behind must not keep us waiting.
    with (folder / OUTPUT).open("wb") as output:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.wait(seconds)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise


def _last_lines(folder: Path) -> list[str]:
    text = (folder / OUTPUT).read_text("utf-8", errors="replace")
    return [f"| {line[:_WIDTH]}" for line in text.splitlines()[-_SHOWN:]]
