"""What the streaming benchmark measures, each job in a process of its own.

    python -m benchmarks.streaming_jobs JOB DATASET '{"option": value}'

prints one line of JSON: the figures, and the peak memory of the process.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import shuffling
from trackdnn.data.batches.source import STEPS
from trackdnn.data.dataset import Dataset, parts_of
from trackdnn.data.prepared.dataset import open_dataset
from trackdnn.settings import LocalSettings, ModelSettings, Shuffle, Stage
from trackdnn.training.sampled import Sampled, sample_part

if TYPE_CHECKING:
    from trackdnn.data.batches.buffers import Chunk
    from trackdnn.data.batches.source import BatchSource

# Tracks in memory that a network trains on to see how fast it can.
CONSUMED = 200_000
JUDGED = 20_000
# Longest order that is compared with the others, which take much memory.
COMPARED = 20_000_000


def load(dataset: Dataset, options: dict[str, Any]) -> dict[str, Any]:
    """One epoch of batches that nobody uses."""
    stage = _stage(options)
    sampled = sample_part("training", dataset.train, stage)
    source = sampled.batches(stage, seed=1)
    start = time.perf_counter()
    tracks = steps = 0
    for chunk in source.chunks(1):
        tracks, steps = tracks + chunk.tracks, steps + chunk.steps
    seconds = time.perf_counter() - start
    return {"tracks": tracks, "steps": steps, "seconds": seconds, "tensorflow": _tf()}


def consume(dataset: Dataset, options: dict[str, Any]) -> dict[str, Any]:
    """The speed of a training with all its tracks in memory."""
    from trackdnn.data.batches.parts import MemoryPart

    tracks = MemoryPart(dataset.train.tracks(most=CONSUMED))
    stage = _stage(options, epochs=options["repeats"] + 1)
    history = _train(dataset, sample_part("training", tracks, stage), stage, options)
    # The first epoch holds the compilation.
    return {"tracks_per_second": [row.tracks_per_second for row in history[1:]]}


def train(dataset: Dataset, options: dict[str, Any]) -> dict[str, Any]:
    """A training from the stream: how long it waits, and its memory."""
    stage = _stage(options, epochs=2)
    sampled = sample_part("training", dataset.train, stage)
    history = _train(
        dataset, Limited(sampled, options["steps"]), stage, options, whole=True
    )
    return {
        "stall": [row.stall for row in history],
        "tracks_per_second": [row.tracks_per_second for row in history],
        "seconds": [row.seconds for row in history],
    }


def shuffle(dataset: Dataset, options: dict[str, Any]) -> dict[str, Any]:
    """How well the order mixes, beside a full permutation and a shuffle buffer."""
    sizes, batch = Shuffle(**options["shuffle"]), options["batch_size"]
    key = dataset.train.column("event")
    event = np.cumsum(np.append(False, key[1:] != key[:-1]), dtype=np.int32)
    del key
    found: dict[str, Any] = {"tracks": len(event), "ideal": shuffling.ideal(event)}
    order = shuffling.ours(len(event), sizes)
    found["stream"] = _quality(order, event, batch)
    if len(event) <= COMPARED:
        order = shuffling.full(len(event))
        found["full permutation"] = _quality(order, event, batch)
        order = shuffling.buffered(len(event), sizes.buffer)
        found["shuffle buffer"] = _quality(order, event, batch)
    return found


class Limited(Sampled):
    """The first batches of each epoch, so that a benchmark ends today."""

    def __init__(self, sampled: Sampled, steps: int) -> None:
        super().__init__(part=sampled.part, plan=sampled.plan, rule=sampled.rule)
        object.__setattr__(self, "_steps", steps)

    def batches(self, stage: Stage, seed: int) -> Any:
        """A source that stops."""
        return _First(super().batches(stage, seed), getattr(self, "_steps", 0))


class _First:
    def __init__(self, source: BatchSource, steps: int) -> None:
        # Whole chunks, since the last one would bring more steps than there are.
        sizes = source.sizes[: -(-steps // STEPS) * STEPS]
        self._source, self.sizes = source, sizes
        self.steps, self.tracks = len(sizes), int(sizes.sum())

    def epochs(self, last: int, *, first: int = 1, skip: int = 0) -> Iterator[Chunk]:
        assert not skip  # nothing goes on here
        for epoch in range(first, last + 1):
            yield from self._some(epoch)

    def _some(self, epoch: int) -> Iterator[Chunk]:
        done = 0
        for chunk in self._source.chunks(epoch):
            done += chunk.steps
            yield chunk
            if done >= self.steps:
                return


def _train(
    dataset: Dataset,
    sampled: Sampled,
    stage: Stage,
    options: dict[str, Any],
    *,
    whole: bool = False,
) -> Any:
    from trackdnn.commands.quiet import start_tensorflow

    start_tensorflow(devices=False)
    from network.builder import ModelBuilder
    from trackdnn.training.fitting import fit_spec
    from trackdnn.training.task import TrackTask
    from trackdnn.training.trainer import ModelTrainer

    model = ModelSettings(architecture=options["architecture"])
    builder = ModelBuilder(model)
    spec = fit_spec(model, builder.preset, dataset.statistics)
    validation = dataset.validation
    trainer = ModelTrainer(stage, LocalSettings(progress=False), 1)
    return trainer.train(
        lambda: builder.build(spec),
        TrackTask(sampled, validation if whole else validation.tracks(most=JUDGED)),
    ).history


def _quality(order: Any, event: Any, batch: int) -> dict[str, Any]:
    found = shuffling.quality(order, event, batch)
    return {"lags": found.lags, "batch": found.batch, "place": found.place}


def _stage(options: dict[str, Any], epochs: int = 1) -> Stage:
    return Stage(
        epochs=epochs,
        batch_size=options["batch_size"],
        shuffle=Shuffle(**options["shuffle"]),
        early_stopping=None,
    )


def _tf() -> bool:
    return "tensorflow" in sys.modules


def forget(folder: Path) -> None:
    """Asks the kernel to drop the files of a dataset from its cache."""
    for path in (folder / "tracks").rglob("*.arrow"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def peak_memory() -> int:
    """Most memory that this process has held, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return 1024 * int(line.split()[1])
    return 0


JOBS = {"load": load, "consume": consume, "train": train, "shuffle": shuffle}


def main(arguments: list[str]) -> int:
    """Do one job."""
    job, folder, options = arguments
    dataset = parts_of(open_dataset(Path(folder)))
    found = JOBS[job](dataset, json.loads(options))
    print(json.dumps({**found, "peak_memory": peak_memory()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
