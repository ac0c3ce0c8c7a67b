"""Short lives of training processes, for the storms of kills and of signals.

TensorFlow takes longer to import than these trainings last. So one process imports it
and runs no operation, which would start threads, and each life is a fork of that
process that runs the command `train`. A board in shared memory tells how far it is.
"""

from __future__ import annotations

import ctypes
import dataclasses
import hashlib
import json
import mmap
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import h5py

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "samples" / "train.root"
# Dropout, average, accumulation, plateau; the second stage is streamed from the disk.
# Checkpoints follow one another as closely as can be.
SETTINGS = """\
seed: 5
model: {options: {width: 16, blocks: 1, dropout: 0.1}}
training:
- epochs: 3
  batch_size: 64
  accumulate: 2
  optimizer: adamw
  schedule: {kind: plateau, patience: 1, threshold: 0.3}
  ema: 0.9
  clip: 1.0
  early_stopping: null
- epochs: 3
  batch_size: 96
  accumulate: 2
  optimizer: {name: sgd, options: {momentum: 0.9}}
  schedule: {kind: plateau, patience: 1, threshold: 0.3}
  ema: 0.8
  shuffle: {buffer: 2048, block: 256}
  early_stopping: null
local: {checkpoint_seconds: 0.02, progress: false}
"""
STAGES = 2
# Moments within a checkpoint write.
MOMENTS = ("arrays", "facts", "manifest", "folder", "rename", "renamed", "remove")
# With threads of its own, a library may not survive the fork.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
PAUSE = 0.001
# What of a history does not depend on the clock.
FIGURES = ("stage", "epoch", "loss", "val_loss", "val_auc", "learning_rate")


class Board(ctypes.Structure):
    """What a life tells of itself; `monotonic` times are 0 until they come.

    `paused` is set where it waits to be killed; `pauses` counts how often the training
    has asked whether to stop.
    """

    _fields_ = [
        ("resumed", ctypes.c_double),
        ("stepped", ctypes.c_double),
        ("stage", ctypes.c_int),
        ("epoch", ctypes.c_int),
        ("step", ctypes.c_int),
        ("saved", ctypes.c_int),
        ("writing", ctypes.c_int),
        ("paused", ctypes.c_int),
        ("pauses", ctypes.c_int),
        ("counts", ctypes.c_int * len(MOMENTS)),
    ]

    @classmethod
    def shared(cls) -> Board:
        """A board that forks of this process share."""
        return cls.from_buffer(mmap.mmap(-1, ctypes.sizeof(cls)))

    @property
    def place(self) -> tuple[int, int, int]:
        """Stage (0 before the first), and epochs and steps that are done."""
        return self.stage, self.epoch, self.step


@dataclasses.dataclass(frozen=True)
class Moment:
    """Where a life waits to be killed: the `number`-th time that it comes there."""

    name: str
    number: int


@dataclasses.dataclass(frozen=True)
class Ground:
    """A folder with a dataset, settings, and room for runs."""

    folder: Path
    settings: str = SETTINGS

    def make(self) -> None:
        """Prepares the dataset.

        Raises:
            RuntimeError: If that fails.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "storm.yaml").write_text(self.settings, "utf-8")
        words = ["prepare", str(SAMPLE), "-o", str(self.folder / "data"), "--quiet"]
        words += ["--take", "tracks=6", "--set", "data.split.test=0"]
        words += ["--set", "data.split.validation=0.2"]
        with (self.folder / "prepare.log").open("w") as log:
            done = subprocess.run(_command(words), check=False, stdout=log, stderr=log)
        if done.returncode:
            raise RuntimeError(f"`prepare` must end with 0. Received: see {log.name}")

    def words(self, run: str) -> list[str]:
        """The command that trains in a folder, or goes on in it."""
        config = str(self.folder / "storm.yaml")
        words = ["train", str(self.folder / "data"), "--config", config]
        return [*words, "--only-train", "--run-dir", str(self.folder / run)]

    def train_alone(self, run: str) -> subprocess.Popen[bytes]:
        """Begins a training in a process that is no fork."""
        with (self.folder / f"{run}.log").open("w") as log:
            environment = {**os.environ, **ENVIRONMENT}
            return subprocess.Popen(
                _command(self.words(run)), stdout=log, stderr=log, env=environment
            )


def _command(words: list[str]) -> list[str]:
    return [sys.executable, str(ROOT / "main.py"), *words]


def digests(run: Path) -> tuple[str, str]:
    """SHA-256 of the final weights, and of the figures of the history."""
    weights = hashlib.sha256()

    def add(name: str, node: Any) -> None:
        if isinstance(node, h5py.Dataset):
            array = node[()]
            weights.update(f"{name} {array.dtype} {array.shape}".encode())
            weights.update(array.tobytes())

    with h5py.File(run / "model.weights.h5") as file:
        file.visititems(add)
    lines = (run / "history.csv").read_text("utf-8").splitlines()
    header, *rows = [line.split(",") for line in lines]
    figures = [[row[header.index(name)] for name in FIGURES] for row in rows]
    return weights.hexdigest(), hashlib.sha256(repr(figures).encode()).hexdigest()


def import_everything() -> None:
    """Imports what a life needs.

    Raises:
        RuntimeError: If a thread runs that a fork would lack.
    """
    os.environ.update(ENVIRONMENT)
    from trackdnn.commands import quiet

    quiet.start_tensorflow(devices=False)
    from tensorflow.python.eager import context

    import trackdnn.cli
    import trackdnn.training.session  # noqa: F401

    if context.context()._initialized:
        raise RuntimeError("TensorFlow must not have run anything before the forks.")


class Life:
    """A process that trains, from its fork to its end.

    Args:
        words: Of the command line.
        log: Where its output is appended.
        moment: Where it waits to be killed, if anywhere.
    """

    def __init__(
        self, words: list[str], log: Path, moment: Moment | None = None
    ) -> None:
        self.board = Board.shared()
        self.started = time.monotonic()
        sys.stdout.flush()
        sys.stderr.flush()
        self._code: int | None = None
        self._process = os.fork()
        if self._process == 0:
            _live(words, log, self.board, moment)

    def poll(self) -> int | None:
        """The exit code, negative for a signal; `None` while it lives."""
        if self._code is None:
            process, status = os.waitpid(self._process, os.WNOHANG)
            if process:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def wait(self) -> int:
        """Waits for the end; gives the exit code."""
        return self.wait_for(lambda: False) or 0

    def wait_for(self, happened: Callable[[], bool]) -> int | None:
        """Waits until something happens, or for the end: then, the exit code."""
        while (code := self.poll()) is None and not happened():
            time.sleep(PAUSE)
        return code

    def send(self, number: signal.Signals) -> None:
        """Sends a signal; the process is there as long as `poll` gave `None`."""
        os.kill(self._process, number)


def _live(words: list[str], log: Path, board: Board, moment: Moment | None) -> NoReturn:
    code = 1
    try:
        with log.open("ab") as stream:
            os.dup2(stream.fileno(), 1)
            os.dup2(stream.fileno(), 2)
        from benchmarks.hooks import install
        from trackdnn.cli import main

        install(board, moment)
        code = main(words)
    except BaseException:
        traceback.print_exc()
    finally:
        # Nothing of the process that was forked may be ended here.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def share(work: Callable[[int], Any], workers: int, folder: Path) -> list[Any]:
    """Has forks do parts of a work at the same time; gives their answers, in JSON.

    Raises:
        RuntimeError: If one does not end well.
    """
    sys.stdout.flush()
    answers = [folder / f"answer-{number}.json" for number in range(workers)]
    processes = []
    for number, path in enumerate(answers):
        process = os.fork()
        if process == 0:
            _answer(work, number, path)
        processes.append(process)
    codes = [os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) for one in processes]
    if any(codes):
        raise RuntimeError(f"Each worker must end with 0. Received: {codes}")
    return [json.loads(path.read_text("utf-8")) for path in answers]


def _answer(work: Callable[[int], Any], number: int, path: Path) -> NoReturn:
    code = 1
    try:
        path.write_text(json.dumps(work(number)), "utf-8")
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
