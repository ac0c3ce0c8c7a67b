"""What a storm of kills has found, and the tables of it."""

from __future__ import annotations

import collections
import dataclasses
import statistics
from typing import Any

from benchmarks.lives import STAGES


@dataclasses.dataclass
class Storm:
    """What happened.

    Args:
        kills: Stage, epochs and steps done, and moment within a write ("" outside, "?"
            if met by chance, "~" outside before the first step of a life), of each.
        resumes: Seconds from each start after a kill to the first step, where it came
            to one; importing TensorFlow not counted.
        lives: Starts after a kill: how many read the checkpoint.
        complete: How many found the run complete: it was killed on its way out.
        failed: Ends that should not be, in words.
        ends: Digests of weights and of history of each run that came to its end.
    """

    kills: list[tuple[int, int, int, str]] = dataclasses.field(default_factory=list)
    resumes: list[float] = dataclasses.field(default_factory=list)
    lives: int = 0
    complete: int = 0
    failed: list[str] = dataclasses.field(default_factory=list)
    ends: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    def add(self, other: dict[str, Any]) -> None:
        """Takes in what another process has found."""
        self.kills += [tuple(kill) for kill in other["kills"]]
        self.ends += [tuple(end) for end in other["ends"]]
        self.resumes += other["resumes"]
        self.lives += other["lives"]
        self.complete += other["complete"]
        self.failed += other["failed"]

    def passed(self, expected: tuple[str, str], kills: int) -> bool:
        """Whether all was as it must be."""
        done = len(self.kills) == kills == self.lives + self.complete
        return done and not self.failed and set(self.ends) == {expected}


def report(storm: Storm, expected: tuple[str, str]) -> str:
    """The tables."""
    inside = collections.Counter(kill[3] for kill in storm.kills)
    places = collections.Counter(_place(kill) for kill in storm.kills)
    by_chance, early, outside = (inside.pop(name, 0) for name in ("?", "~", ""))
    median = statistics.median(storm.resumes) if storm.resumes else float("nan")
    rows: list[tuple[str, object]] = [
        ("kills", len(storm.kills)),
        ("aimed at a moment of a checkpoint write", sum(inside.values())),
        ("by chance within a checkpoint write", by_chance),
        ("outside, while a life prepares its first step", early),
        ("outside, later", outside),
        ("resumes that read the checkpoint", storm.lives),
        ("starts that found the run complete", storm.complete),
        ("resumes that failed", len(storm.failed)),
        ("runs that came to their end", len(storm.ends)),
        ("final weights equal", sum(e[0] == expected[0] for e in storm.ends)),
        ("histories equal", sum(e[1] == expected[1] for e in storm.ends)),
        ("median seconds from a start to the first step", f"{median:.2f}"),
    ]
    text = [_table("", rows), _table("killed in", sorted(places.items()))]
    text.append(_table("moment of the write", sorted(inside.items())))
    return "\n\n".join([*text, *storm.failed])


def _place(kill: tuple[int, int, int, str]) -> str:
    stage, epoch, step, _ = kill
    if stage > STAGES:
        return "after the last stage"
    if not epoch and not step:
        return f"stage {max(stage, 1)}, before its first step"
    return f"stage {stage}, epoch {epoch + 1}"


def _table(title: str, rows: list[tuple[str, object]]) -> str:
    lines = [f"| {title} | |", "|---|---|"]
    return "\n".join(lines + [f"| {name} | {value} |" for name, value in rows])
