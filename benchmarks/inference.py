"""How long does a served network take per track, and how much memory?

    python -m benchmarks.inference RUN [RUN ...] [--production GRAPH.pb ...]

Each way to serve a network is a process of its own with one thread; they take turns of
a fraction of a second, so that whatever else the machine does falls on each alike. The
first run is served in every way. The goal is that of each run, as ONNX, beside the
production graph in a TensorFlow session as CMSSW has it: from Python, and from C++. A
production graph is any frozen graph with `x`, `y` and `Identity`; it was trained for
another detector, so its fake rate on our tracks says nothing: that of its architecture,
trained on the tracks of the runs, stands for it. Give such a run
(`model.architecture: cms_run3` or `cms2020`) among the others.

Fakes are those that pass, of all fakes, at 95 and 99 % efficiency on the test tracks of
the run, from its bundle. Microseconds are medians of the turns.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.inference_report import Figures, report
from benchmarks.inference_services import Service, fetch_services
from export.errors import ExportError
from export.manifest import read_bundle
from trackdnn.errors import InputError, TrackdnnError
from trackdnn.evaluation import files

BATCHES = (1, 16, 64, 256, 4096)
SAMPLE = Path(__file__).parents[1] / "samples" / "test.root"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 even where a goal is missed."""
    options = _options(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="trackdnn-") as folder:
            figures = measure(options, Path(folder))
    except (TrackdnnError, ExportError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.output is not None:
        files.write_json(options.output, figures.to_dict())
    print(report(figures))
    return 0


def measure(options: argparse.Namespace, folder: Path) -> Figures:
    """All figures of the benchmark."""
    quality = {run.name: _quality(run) for run in options.runs}
    tracks = folder / "tracks.npz"
    rows = _write_tracks(options.tracks, tracks)
    if max(options.batches) > rows:
        raise InputError(
            f"--batches must be at most the {rows:,} tracks of {options.tracks}. "
            f"Received: {max(options.batches)}"
        )
    services = fetch_services(options, tracks, folder)
    memory = {service.title: service.memory() for service in services}
    times = _times(services, options)
    return Figures(
        batches=tuple(options.batches),
        services=[service.describe() for service in services],
        microseconds=times,
        memory=memory,
        quality=quality,
    )


def _times(
    services: Sequence[Service], options: argparse.Namespace
) -> dict[str, dict[int, list[float]]]:
    """Microseconds per track of each turn, by title and batch size."""
    found: dict[str, dict[int, list[float]]] = {
        service.title: {batch: [] for batch in options.batches} for service in services
    }
    try:
        for service in services:
            service.start()
        for turn in range(options.rounds):
            _tell(f"round {turn + 1} of {options.rounds}")
            for batch in options.batches:
                for service in services:
                    time = service.microseconds(batch, options.seconds)
                    found[service.title][batch].append(time)
    finally:
        for service in services:
            service.end()
    return found


def _quality(run: Path) -> dict[str, Any]:
    """What the bundle of a run says about it."""
    manifest = read_bundle(run / "bundle").manifest
    evaluation = manifest["evaluation"]
    fakes = {
        f"{point['target']:g}": point["fake_acceptance"]
        for point in evaluation.get("points", [])
    }
    return {
        "architecture": manifest["training"].get("architecture"),
        "parameters": manifest["training"].get("parameters"),
        "tracks": [evaluation.get(key) for key in ("tracks", "true", "fake")],
        "fakes": fakes,
    }


def _write_tracks(source: Path, path: Path) -> int:
    from trackdnn.data.dataset import load_dataset
    from trackdnn.settings import Settings

    content = {
        "samples": [{"name": "tracks", "files": [str(source)]}],
        "split": {"validation": 0.2, "test": 0.0},
    }
    tracks = load_dataset(Settings.model_validate({"data": content})).train.tracks()
    category = tracks.category[:, None].astype(np.float32)
    np.savez(path, features=tracks.features, category=category)
    return len(tracks)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.inference", description=__doc__.splitlines()[0]
    )
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    parser.add_argument("--production", nargs="*", type=Path, default=[])
    parser.add_argument("--tracks", type=Path, default=SAMPLE, metavar="FILE.root")
    parser.add_argument("--batches", type=_numbers, default=list(BATCHES))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.3, help="of a turn")
    parser.add_argument("--cache", type=Path, help="for compiled clients")
    parser.add_argument("--output", type=Path, help="all turns as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
