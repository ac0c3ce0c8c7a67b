"""How fast do ROOT files become float32 columns, and how close is that to the limit?

    python -m benchmarks.ingest FOLDER --source samples/train.root

Writes files of eight million tracks and less (`benchmarks.inputs`) below FOLDER, unless
they are there, and reads them with two threads beside the peer (uproot, awkward,
pandas) and beside the limit: inflating the same baskets with ISA-L, from memory, on
both cores, and nothing else; and beside inflating them with the libraries that we use.
Then times `prepare` with one and two workers, and its memory for two sizes of input.

Rates are measured in one process, in which all methods take turns: once unseen, then
several times. So whatever else the machine does falls on each alike; shown are the
median and, in brackets, the least and the most. Memory, and the rate of a first
reading, which still asks the system for memory, come from a process for each method.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.inputs import Layout, write_files
from trackdnn.evaluation.tables import Plain

FASTER, OF_LIMIT, SCALING, MEMORY = 8.0, 0.6, 1.7, 1536.0
Result = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Inputs:
    """A folder of files, and what to call it."""

    name: str
    folder: Path


def main(arguments: list[str] | None = None) -> int:
    """Writes, measures and prints; 0 even where a goal is missed."""
    options = _options(arguments)
    for part in options.parts:
        print(PARTS[part](options), flush=True)
    return 0


def reading(options: argparse.Namespace) -> str:
    """Tables and goals of reading."""
    rows, fresh, goals = [], [], []
    for one in _reading_inputs(options):
        runs = _in_turns(one, options.repeats, READING)
        rows.append((one.name, *map(_rate, runs.values()), *_ratios(runs)))
        first = [_measure(one, 1, [label]) for label in READING.values()]
        rates = (f"{_median(result, 'rate'):.2f}" for result in first)
        memory = (f"{_median(result, 'memory'):,.0f}" for result in first)
        fresh.append((one.name, *map(" / ".join, zip(rates, memory, strict=True))))
        if not goals:
            goals = [
                goal(f"{one.name}: times the reference", _speedup(runs), FASTER),
                goal(f"{one.name}: share of the limit", _share(runs), OF_LIMIT),
            ]
    header = ("Input", *READING)
    title = f"Million tracks per second, median of {options.repeats}"
    tables = [
        Plain(title, (*header, "to reference", "of limit"), tuple(rows)),
        Plain(
            "In a fresh process: million tracks per second / MB", header, tuple(fresh)
        ),
    ]
    return "\n".join([*(table.to_markdown() for table in tables), *goals])


def preparing(options: argparse.Namespace) -> str:
    """Table and goals of `prepare`."""
    rows, goals = [], []
    sizes = (options.prepared // 4, options.prepared)
    for tracks in sizes:
        layout = Layout(tracks=tracks, files=8)
        files = write_files(options.folder, layout, options.source)
        one = Inputs(f"{tracks / 1e6:g} M tracks", files)
        # Each in a process of its own, whose peak of memory is its own too.
        single, double = (
            [_measure(one, 1, [label])[0] for _ in range(options.repeats)]
            for label in PREPARING.values()
        )
        memory = max(_most(single, "memory"), _most(double, "worker_memory"))
        ratio = _median(single, "seconds") / _median(double, "seconds")
        rows.append(
            (
                one.name,
                _seconds(single),
                _seconds(double),
                f"{ratio:.2f}",
                f"{memory:,.0f}",
            )
        )
        goals.append(
            goal(f"prepare, {one.name}: MB per worker", memory, MEMORY, most=True)
        )
    goals.append(goal(f"prepare, {rows[-1][0]}: two workers to one", ratio, SCALING))
    header = ("Input", *PREPARING, "ratio", "most MB of a worker")
    title = f"Seconds of `prepare`, median of {options.repeats}"
    return "\n".join([Plain(title, header, tuple(rows)).to_markdown(), *goals])


PARTS = {"reading": reading, "preparing": preparing}
# What is shown, and the method and number of workers behind it.
READING = {
    "reference": "reference:1",
    "reference, 2 processes": "reference:2",
    "flattened": "flattened:1",
    "ours, 1 thread": "ours:1",
    "ours": "ours:2",
    "limit": "limit:2",
    "inflating": "inflating:2",
}
PREPARING = {"1 worker": "prepare:1", "2 workers": "prepare:2"}


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the files are written")
    parser.add_argument("--source", type=Path, default=Path("samples/train.root"))
    parser.add_argument("--tracks", type=int, default=8_000_000)
    parser.add_argument("--prepared", type=int, default=32_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--inputs", nargs="+", help="only these, as in the table")
    parser.add_argument(
        "--vectors",
        type=Path,
        nargs="*",
        default=[],
        help="folders of files in the std::vector layout (benchmarks/vector_inputs.py)",
    )
    return parser.parse_args(arguments)


def _reading_inputs(options: argparse.Namespace) -> list[Inputs]:
    # The first is what the goals are for. LZMA takes everybody 20 times as long.
    few, fewer = options.tracks // 4, options.tracks // 16
    layouts = {"zlib": Layout(tracks=options.tracks)}
    layouts["zlib, a quarter"] = Layout(tracks=few)
    layouts["zlib, 10 tracks per event"] = Layout(tracks=few, per_event=10)
    layouts["zlib, baskets of 32 kB"] = Layout(tracks=few, basket=32_000)
    for codec in ("none", "lz4", "zstd"):
        layouts[codec] = Layout(tracks=few, codec=codec)
    layouts["lzma"] = Layout(tracks=fewer, codec="lzma")
    written = [
        Inputs(name, write_files(options.folder, layout, options.source))
        for name, layout in layouts.items()
        if not options.inputs or name in options.inputs
    ]
    return [*written, *(Inputs(path.name, path) for path in options.vectors)]


def _in_turns(
    inputs: Inputs, repeats: int, methods: dict[str, str]
) -> dict[str, list[Result]]:
    """The results of each method, without those of the first round."""
    results = _measure(inputs, repeats + 1, [*methods.values()])[len(methods) :]
    return {
        name: [result for result in results if result["label"] == label]
        for name, label in methods.items()
    }


def _measure(inputs: Inputs, rounds: int, labels: list[str]) -> list[Result]:
    command = [sys.executable, "-m", "benchmarks.ingest_methods"]
    done = subprocess.run(
        [*command, str(inputs.folder), str(rounds), *labels],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def goal(what: str, value: float, wanted: float, *, most: bool = False) -> str:
    """One line that says whether a goal is reached."""
    reached = value <= wanted if most else value >= wanted
    return (
        f"{what}: {value:.2f}; goal at {'most' if most else 'least'} {wanted:g}: "
        f"{'reached' if reached else 'missed'}."
    )


def _median(results: list[Result], key: str) -> float:
    return statistics.median(result[key] for result in results)


def _most(results: list[Result], key: str) -> float:
    return max(float(result[key]) for result in results)


def _spread(results: list[Result], key: str) -> str:
    values = [result[key] for result in results]
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def _rate(results: list[Result]) -> str:
    return _spread(results, "rate")


def _seconds(results: list[Result]) -> str:
    return _spread(results, "seconds")


def _speedup(runs: dict[str, list[Result]]) -> float:
    return _median(runs["ours"], "rate") / _median(runs["reference"], "rate")


def _share(runs: dict[str, list[Result]]) -> float:
    return _median(runs["ours"], "rate") / _median(runs["limit"], "rate")


def _ratios(runs: dict[str, list[Result]]) -> tuple[str, str]:
    return f"{_speedup(runs):.1f}", f"{_share(runs):.2f}"


if __name__ == "__main__":
    sys.exit(main())
