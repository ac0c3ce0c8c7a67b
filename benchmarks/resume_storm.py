"""Does a training that is killed again and again give the same network?

    python -m benchmarks.resume_storm --kills 200 --in-write 50

A small training of two stages with dropout, an average of the weights, accumulation and
a plateau is done once without a break, by a process of its own. Then others are killed
(SIGKILL) at random moments, each followed by the same command, until they come to
their end. Moments are uniform in time, from the first checkpoint on in a new run and
from the reading of the checkpoint on in one that goes on. Those within a checkpoint
write are met exactly: the process waits there to be killed, with half a buffer written,
before or after a rename, or with one file of an old checkpoint removed. The weights at
the end are compared bit for bit, and so are losses, AUC and rates of the history.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.lives import (
    MOMENTS,
    Ground,
    Life,
    Moment,
    digests,
    import_everything,
    share,
)
from benchmarks.storm_report import Storm, report
from trackdnn.training.begin import is_complete

WHOLE, FORKED = "whole", "whole-forked"


@dataclasses.dataclass(frozen=True)
class Usual:
    """An uninterrupted life, to draw moments from.

    Args:
        seconds: From the reading of the checkpoint to the end.
        counts: How often each moment of a checkpoint write comes.
    """

    seconds: float
    counts: dict[str, int]


def rehearse(ground: Ground, run: str = FORKED) -> tuple[Usual, tuple[str, str]]:
    """One uninterrupted life; what it took, and its digests.

    Raises:
        RuntimeError: If it does not come to its end.
    """
    life = Life(ground.words(run), ground.folder / f"{run}.log")
    if code := life.wait():
        log = (ground.folder / f"{run}.log").read_text("utf-8")
        raise RuntimeError(f"A training must end with 0. Received: {code}.\n{log}")
    usual = Usual(
        seconds=time.monotonic() - life.board.resumed,
        counts=dict(zip(MOMENTS, life.board.counts, strict=True)),
    )
    return usual, digests(ground.folder / run)


class Chains:
    """Kills runs until a number of kills is reached; then lets the last one end.

    Args:
        ground: Where.
        usual: What a life is like.
        wanted: For each kill, the moment within a write, or "" for any time.
        number: Of the process that does this.
    """

    def __init__(
        self, ground: Ground, usual: Usual, wanted: list[str], number: int
    ) -> None:
        self._ground, self._usual, self._number = ground, usual, number
        self._wanted = collections.deque(wanted)
        self._random = random.Random(f"storm {number}")
        self._runs = 0
        self.storm = Storm()

    def run(self) -> Storm:
        """All of them."""
        while self._wanted and not self.storm.failed:
            self._runs += 1
            name = f"run-{self._number}-{self._runs}"
            if self._one(name):
                self.storm.ends.append(digests(self._ground.folder / name))
                shutil.rmtree(self._ground.folder / name)
        return self.storm

    def _one(self, run: str) -> bool:
        """A run from its begin to its end; whether it came there."""
        words, log = self._ground.words(run), self._ground.folder / f"{run}.log"
        killed = False
        while True:
            inside = self._wanted[0] if self._wanted else ""
            complete = is_complete(self._ground.folder / run)
            life = Life(words, log, self._moment(inside))
            code = self._live(life, inside, fresh=not killed)
            if killed:
                self._count(life, complete=complete)
            if code is not None:
                if code:
                    self.storm.failed.append(f"{run}: exit code {code}, see {log}")
                return code == 0
            killed = True
            self._note(life, self._wanted.popleft())

    def _moment(self, inside: str) -> Moment | None:
        if not inside:
            return None
        # Resumed lives have fewer of them; one that comes to none ends its run.
        most = max(1, round(0.5 * self._usual.counts[inside]))
        return Moment(inside, self._random.randint(1, most))

    def _live(self, life: Life, inside: str, *, fresh: bool) -> int | None:
        """A life until it is killed, which gives `None`, or ends by itself."""
        board = life.board
        if not self._wanted:
            return life.wait()
        if inside:
            code = life.wait_for(lambda: bool(board.paused))
        else:
            life.wait_for(lambda: bool(board.saved if fresh else board.resumed))
            end = time.monotonic() + self._random.uniform(0, self._usual.seconds)
            code = life.wait_for(lambda: time.monotonic() >= end)
        if code is not None:
            return code
        life.send(signal.SIGKILL)
        code = life.wait()
        # It may have come to its end just before.
        return None if code == -signal.SIGKILL else code

    def _count(self, life: Life, *, complete: bool) -> None:
        board = life.board
        self.storm.lives += board.resumed > 0 and not complete
        self.storm.complete += complete
        if board.stepped:
            self.storm.resumes.append(board.stepped - life.started)

    def _note(self, life: Life, inside: str) -> None:
        board = life.board
        by_chance = "?" if board.writing else "" if board.stepped else "~"
        self.storm.kills.append((*board.place, inside or by_chance))


def plan(kills: int, in_write: int, workers: int) -> list[list[str]]:
    """What kills each process has to do, mixed."""
    moments = [MOMENTS[number % len(MOMENTS)] for number in range(in_write)]
    wanted = moments + [""] * (kills - in_write)
    random.Random("plan").shuffle(wanted)
    return [wanted[number::workers] for number in range(workers)]


def storm(
    ground: Ground, kills: int, in_write: int, workers: int, *, alone: bool = True
) -> tuple[Storm, tuple[str, str]]:
    """The whole benchmark; gives what happened, and the digests to compare with.

    Args:
        ground: A folder.
        kills: How many in all.
        in_write: How many of them within a checkpoint write.
        workers: How many runs at a time.
        alone: Whether a process that is no fork gives the digests to compare with.

    Raises:
        RuntimeError: If an uninterrupted training fails.
    """
    ground.make()
    whole = ground.train_alone(WHOLE) if alone else None
    import_everything()
    if whole is not None and whole.wait():
        raise RuntimeError(f"A training must end with 0, see {ground.folder}/whole.log")
    usual, forked = rehearse(ground)
    wanted = plan(kills, in_write, workers)

    def work(number: int) -> dict[str, Any]:
        return dataclasses.asdict(Chains(ground, usual, wanted[number], number).run())

    found = Storm(ends=[forked])
    for part in share(work, workers, ground.folder):
        found.add(part)
    return found, digests(ground.folder / WHOLE) if alone else forked


def main(arguments: list[str] | None = None) -> int:
    """Runs the storm and prints the tables; 0 if all networks are equal, else 1."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        ground = Ground((options.folder or Path(temporary)).absolute())
        counts = options.kills, options.in_write, options.workers
        found, expected = storm(ground, *counts, alone=not options.forked)
    print(report(found, expected))
    passed = found.passed(expected, options.kills)
    print("\nall networks are equal" if passed else "\nNOT all is well")
    return 0 if passed else 1


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--in-write", type=int, default=50, help="of the kills")
    parser.add_argument("--folder", type=Path, help="to keep what is trained; empty")
    parser.add_argument("--workers", type=int, default=2, help="runs at a time")
    parser.add_argument(
        "--forked", action="store_true", help="compare with a fork; seconds less"
    )
    options = parser.parse_args(arguments)
    if not 0 <= options.in_write <= options.kills or options.workers < 1:
        parser.error("--in-write must be at most --kills, --workers at least 1")
    if options.folder is not None and any(options.folder.glob("*")):
        parser.error(f"--folder must be new or empty. Received: {options.folder}")
    return options


if __name__ == "__main__":
    sys.exit(main())
