"""Methods that take turns: each works in a process of its own, one at a time.

Libraries cannot always share a process: each has threads of its own, set once. So a
method starts in a child process, warms up, and then works only while the parent lets
it. Whatever else the machine does falls on each method alike.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn


class Turns:
    """The child's end: call `wait` once, then `done` after each piece of work."""

    def __init__(self) -> None:
        self._samples = 0
        self._start = self._end = 0.0

    def wait(self) -> None:
        """Says that all is ready, and sleeps until it is this method's turn."""
        _say({"ready": True})
        self._next()

    def done(self, samples: int) -> None:
        """Some samples are done; sleeps where the turn is over."""
        self._samples += samples
        now = time.perf_counter()
        if now < self._end:
            return
        _say({"samples": self._samples, "seconds": now - self._start})
        self._next()

    def _next(self) -> None:
        line = sys.stdin.readline()
        if not line.strip():
            leave()
        self._samples, self._start = 0, time.perf_counter()
        self._end = self._start + float(line)


def leave() -> NoReturn:
    """Ends the process in the middle of a training."""
    sys.stdout.flush()
    os._exit(0)


def _say(content: Mapping[str, Any]) -> None:
    print(json.dumps(content), flush=True)


class Method:
    """The parent's end of one method.

    Args:
        command: What the child runs, after the interpreter.
        environment: Variables that it gets on top of ours.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        self._command = tuple(command)
        self._child = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )

    def ready(self) -> None:
        """Waits until it has warmed up."""
        self._hear()

    def rate(self, seconds: float) -> float:
        """Samples per second of one turn."""
        found = self.ask(f"{seconds}")
        return float(found["samples"] / found["seconds"])

    def ask(self, line: str) -> dict[str, Any]:
        """Sends one line and waits for the answer."""
        assert self._child.stdin is not None
        self._child.stdin.write(f"{line}\n")
        self._child.stdin.flush()
        return self._hear()

    def end(self) -> None:
        """Lets the child go."""
        # Closes its input first, which ends it.
        self._child.communicate()

    def _hear(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self._command)} ended without an answer")
        return dict(json.loads(line))


def take_turns(
    methods: Mapping[str, Method], rounds: int, seconds: float
) -> dict[str, list[float]]:
    """Rates of all methods, one turn of each per round.

    Args:
        methods: By name, all just started.
        rounds: Turns of each.
        seconds: Length of a turn.
    """
    found: dict[str, list[float]] = {name: [] for name in methods}
    try:
        for method in methods.values():
            method.ready()
        for _ in range(rounds):
            for name, method in methods.items():
                found[name].append(method.rate(seconds))
    finally:
        for method in methods.values():
            method.end()
    return found
