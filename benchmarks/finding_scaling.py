"""How do time and memory of track finding grow with the number of hits?

    python -m benchmarks.finding_scaling --finder FOLDER… --events FOLDER… [--plot FILE]

Particles are drawn from large events for smaller ones (a share of them, and of the
noise, down to a hundredth); each finder gets each size in a process of its own, so that
the greatest memory of one size is not that of another. Prints seconds per stage, the
slope of each stage in a log-log plot (1 for as many times longer as there are more
hits) with its standard error, and whether the goal for all stages together is reached.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.edge_graphs import sized_event
from benchmarks.ingest import goal
from trackdnn.data.memory import peak_memory
from trackdnn.evaluation.tables import Plain
from trackdnn.events.event import without_truth
from trackdnn.events.open import open_events
from trackdnn.tracking.pipeline.finder import STAGES
from trackdnn.tracking.pipeline.folder import load_finder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

WHOLE = "all"
STEEPEST = 1.2
# Fewer hits than this take as long as the start of each step.
LEAST_SECONDS = 1e-4


@dataclasses.dataclass(frozen=True, kw_only=True)
class Point:
    """One finder on one event of one size.

    Args:
        hits: Of the event.
        edges: Candidates of the constructor.
        seconds: Wall time of each stage and of all, the median of several.
        cpu_seconds: Processor time of all stages, the median of several.
        megabytes: Greatest memory of the process, the event and the libraries included.
        before: The same just before the first step.
    """

    hits: int
    edges: int
    seconds: dict[str, float]
    cpu_seconds: float
    megabytes: float
    before: float


@dataclasses.dataclass(frozen=True)
class Slope:
    """Slope of the logarithm of a time over that of the hits.

    Args:
        value: The slope.
        error: Its standard error; NaN from fewer than three points.
    """

    value: float
    error: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ± {self.error:.2f}"


def measure(finder: Path, place: Path, hits: int, repeats: int, threads: int) -> Point:
    """Finds the tracks of an event that is cut to a size, several times."""
    found = load_finder(finder, threads=threads)
    (source, *_) = open_events([str(place)])
    event = without_truth(sized_event(source.load(), hits))
    _forget_peak()
    before = peak_memory()
    # Warms up: libraries are loaded in the first call.
    result = found.find(event)
    times, cpu = [], []
    for _ in range(repeats):
        start = time.process_time()
        result = found.find(event)
        cpu.append(time.process_time() - start)
        times.append({**result.seconds, WHOLE: sum(result.seconds.values())})
    return Point(
        hits=len(event),
        edges=result.candidates,
        seconds={one: statistics.median(t[one] for t in times) for one in times[0]},
        cpu_seconds=statistics.median(cpu),
        megabytes=peak_memory(),
        before=before,
    )


def _forget_peak() -> None:
    """Lets the greatest memory count from here, where the system can."""
    with contextlib.suppress(OSError):
        # Of Linux: what the large event took, before it was cut, shall not count.
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def slope(hits: Sequence[float], values: Sequence[float]) -> Slope | None:
    """A straight line through the logarithms; `None` where a stage does nothing."""
    if len(hits) < 2 or min(values) < LEAST_SECONDS:
        return None
    x, y = np.log(np.asarray(hits, float)), np.log(np.asarray(values, float))
    along = x - x.mean()
    square = float((along**2).sum())
    if square == 0:
        return None
    value = float((along * y).sum()) / square
    left = y - y.mean() - value * along
    free = len(x) - 2
    error = np.sqrt((left**2).sum() / free / square) if free else np.nan
    return Slope(value, float(error))


def slopes(points: Sequence[Point]) -> dict[str, Slope | None]:
    """Of each stage and all together, of the memory they take, and of the edges."""
    hits = [point.hits for point in points]
    found = {
        stage: slope(hits, [point.seconds[stage] for point in points])
        for stage in (*STAGES, WHOLE)
    }
    found["CPU"] = slope(hits, [point.cpu_seconds for point in points])
    taken = [point.megabytes - point.before for point in points]
    edges = slope(hits, [point.edges for point in points])
    return {**found, "memory": slope(hits, taken), "edges": edges}


def size_table(points: Mapping[str, Sequence[Point]]) -> Plain:
    """Seconds of each stage and memory, one line per finder and size."""
    header = ("Input", "Hits", "Edges", *STAGES, WHOLE, "CPU s", "Peak MB", "of it MB")
    rows = [
        (
            name,
            f"{point.hits:,}",
            f"{point.edges:,}",
            *(f"{point.seconds[stage]:.3f}" for stage in (*STAGES, WHOLE)),
            f"{point.cpu_seconds:.3f}",
            f"{point.megabytes:,.0f}",
            f"{point.megabytes - point.before:,.0f}",
        )
        for name, found in points.items()
        for point in found
    ]
    return Plain("Seconds and memory per event", header, tuple(rows))


def slope_table(points: Mapping[str, Sequence[Point]]) -> Plain:
    """Slopes, one line per finder."""
    header = ("Input", *STAGES, WHOLE, "CPU", "memory", "edges")
    rows = []
    for name, found in points.items():
        cells = ("-" if one is None else str(one) for one in slopes(found).values())
        rows.append((name, *cells))
    return Plain("Log-log slopes", header, tuple(rows))


def paint(figure: Figure, points: Mapping[str, Sequence[Point]]) -> None:
    """Seconds of each stage over the hits, a panel for each finder."""
    from trackdnn.evaluation.plots import style

    panels = figure.subplots(1, len(points), sharey=True, squeeze=False)[0]
    for axes, (name, found) in zip(panels, points.items(), strict=True):
        hits = np.array([point.hits for point in found])
        for number, (stage, line) in enumerate(slopes(found).items()):
            if line is None or stage not in found[0].seconds:
                continue
            seconds = [point.seconds[stage] for point in found]
            look = {
                "color": style.COLOURS[number % len(style.COLOURS)],
                "marker": style.MARKERS[number % len(style.MARKERS)],
            }
            axes.plot(hits, seconds, label=f"{stage}: {line}", **look)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("Hits")
        axes.legend(title="Slope")
        style.put_label(axes, name)
    panels[0].set_ylabel("Seconds per event")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, and draw the picture."""
    options = _options(arguments)
    if options.one is not None:
        place, finder = options.events[0], options.finder[0]
        point = measure(finder, place, options.one, options.repeats, options.threads)
        print(json.dumps(dataclasses.asdict(point)))
        return 0
    points = {finder.name: _points(finder, options) for finder in options.finder}
    print(size_table(points).to_markdown(), flush=True)
    print(slope_table(points).to_markdown(), flush=True)
    for name, found in points.items():
        whole = slopes(found)[WHOLE]
        if whole is not None:
            print(f"{name}: {goal('slope', whole.value, STEEPEST, most=True)}")
    if options.plot is not None:
        _draw(options.plot, points)
    return 0


def _points(finder: Path, options: argparse.Namespace) -> list[Point]:
    found = [
        _child(finder, place, hits, options)
        for place in options.events
        for hits in options.hits
    ]
    # An event that is smaller than what was asked for comes once.
    return sorted({one.hits: one for one in found}.values(), key=lambda one: one.hits)


def _child(finder: Path, place: Path, hits: int, options: argparse.Namespace) -> Point:
    """Measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.finding_scaling", "--one", str(hits)]
    command += ["--finder", str(finder), "--events", str(place)]
    command += ["--repeats", str(options.repeats), "--threads", str(options.threads)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    content: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return Point(**content)


def _draw(path: Path, points: Mapping[str, Sequence[Point]]) -> None:
    from trackdnn.evaluation.plots import style

    ending = path.suffix.removeprefix(".") or "png"
    size = (8.0 * len(points), 7.0)
    for one in style.draw(
        path.parent,
        path.stem,
        lambda figure: paint(figure, points),
        size=size,
        formats=(ending,),
    ):
        print(one)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.finding_scaling",
        description=(__doc__ or "").split("\n", 1)[0],
    )
    many: dict[str, Any] = {"type": Path, "nargs": "+", "action": "extend"}
    parser.add_argument("--finder", **many, required=True)
    parser.add_argument("--events", **many, required=True, help="large, with truth")
    parser.add_argument(
        "--hits",
        type=int,
        nargs="+",
        default=[1_000, 3_000, 10_000, 30_000, 100_000],
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0, help="0: one per core")
    parser.add_argument("--plot", type=Path, help="PNG or PDF")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
