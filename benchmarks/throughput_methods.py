"""The methods of the throughput benchmark, each in a process of its own.

    python -m benchmarks.throughput_methods METHOD '{"batch_size": 4096, ...}'

trains without end and answers how far it came in each turn; see `benchmarks.turns`.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.dense_network import WIDTH, dense_network
from benchmarks.turns import Turns
from trackdnn.data.dataset import load_dataset
from trackdnn.settings import LocalSettings, ModelSettings, Settings, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from network.inputs import InputSpec
    from trackdnn.data.dataset import Dataset
    from trackdnn.data.tracks import Tracks

SAMPLE = Path(__file__).parents[1] / "samples" / "train.root"
TRACKS, JUDGED = 1_048_576, 4096
# What one process never reaches.
ENDLESS = 1_000_000
WARM = 40
Options = dict[str, Any]


def ours(options: Options) -> None:
    """`ModelTrainer`, as the command `train` uses it."""
    from trackdnn.training.lanes import lanes_of
    from trackdnn.training.task import TrackTask
    from trackdnn.training.threads import set_threads
    from trackdnn.training.trainer import ModelTrainer

    build, tracks = _network(options)
    stage = Stage(
        epochs=ENDLESS,
        batch_size=options["batch_size"],
        optimizer={"name": "adam"},
        early_stopping=None,
        **options.get("stage", {}),
    )
    set_threads([lanes_of(stage, alone=True, coupled=False)])
    trainer = ModelTrainer(stage, LocalSettings(progress=False), 1)
    judged = tracks.take(np.arange(JUDGED))
    counter = _counter(options["batch_size"])
    trainer.train(build, TrackTask(tracks, judged), callbacks=[counter])


def keras_fit(options: Options) -> None:
    """`model.fit` with its defaults, on arrays in memory."""
    build, tracks = _network(options)
    model = build()
    model.compile(optimizer="adam", loss="binary_crossentropy")
    assert tracks.label is not None
    category = tracks.category[:, None].astype(np.float32)
    model.fit(
        [tracks.features, category],
        tracks.label[:, None].astype(np.float32),
        batch_size=options["batch_size"],
        epochs=ENDLESS,
        verbose=0,
        callbacks=[_counter(options["batch_size"])],
    )


def pytorch(options: Options) -> None:
    """A usual loop: a permutation per epoch, autocast if wanted, fused Adam."""
    import torch

    from benchmarks.torch_network import TorchNetwork

    tracks, spec = _inputs(options)
    assert tracks.label is not None
    network = TorchNetwork(spec)
    columns = [
        torch.from_numpy(np.ascontiguousarray(column, np.float32))
        for column in (tracks.features, tracks.category[:, None], tracks.label[:, None])
    ]
    optimizer = torch.optim.Adam(network.parameters(), fused=True)
    loss_of = torch.nn.functional.binary_cross_entropy_with_logits
    half, turns = options["precision"] == "mixed_bfloat16", Turns()
    size = options["batch_size"]
    for step in range(-WARM, ENDLESS * len(tracks)):
        if step == 0:
            turns.wait()
        place = step % (len(tracks) // size)
        if place == 0 or step == -WARM:
            order = torch.randperm(len(tracks))
        rows = order[place * size : (place + 1) * size]
        features, category, label = (column[rows] for column in columns)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            logits = network(features, category)
        loss = loss_of(logits.float(), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step >= 0:
            turns.done(size)


def sgemm(options: Options) -> None:
    """Products of matrices of the sizes of a layer, by NumPy; counts operations."""
    rng, rows = np.random.default_rng(1), options["batch_size"]
    one = rng.random((rows, WIDTH), np.float32)
    other = rng.random((WIDTH, WIDTH), np.float32)
    out = np.empty((rows, WIDTH), np.float32)
    turns = Turns()
    for step in range(-WARM, sys.maxsize):
        if step == 0:
            turns.wait()
        np.matmul(one, other, out=out)
        if step >= 0:
            turns.done(2 * rows * WIDTH * WIDTH)


def _counter(batch_size: int) -> Any:
    import keras

    class Counter(keras.callbacks.Callback):  # type: ignore[misc]
        """Counts batches, and sleeps where the turn is over."""

        def __init__(self) -> None:
            super().__init__()
            self._turns, self._seen, self._last = Turns(), 0, -1

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self._last = -1

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            steps, self._last = batch - self._last, batch
            before, self._seen = self._seen, self._seen + steps
            if before >= WARM:
                self._turns.done(steps * batch_size)
            elif self._seen >= WARM:
                self._turns.wait()

    return Counter()


def _network(options: Options) -> tuple[Callable[[], Any], Tracks]:
    """What builds the network, and the tracks."""
    from trackdnn.commands.quiet import start_tensorflow

    start_tensorflow(devices=False)
    warnings.filterwarnings("ignore", message="__array__ implementation")
    from network.builder import ModelBuilder
    from trackdnn.training.precision import build_in

    tracks, spec = _inputs(options)
    builder = ModelBuilder(ModelSettings())

    def build() -> Any:
        plain = options["network"] == "dense"
        return dense_network(spec) if plain else builder.build(spec)

    return lambda: build_in(options["precision"], build), tracks


def _inputs(options: Options) -> tuple[Tracks, InputSpec]:
    from network.presets import preset
    from trackdnn.training.fitting import fit_spec

    dataset = dataset_in(options["prepared"])
    spec = fit_spec(ModelSettings(), preset("default"), dataset.statistics)
    found = dataset.train.tracks()
    # Again and again the same few thousand: the values do not matter here.
    return found.take(np.arange(TRACKS) % len(found)), spec


def dataset_in(folder: str) -> Dataset:
    """The tracks of the shipped sample, which are prepared in a folder."""
    content = {"data": {"samples": [str(SAMPLE)]}, "local": {"prepared": folder}}
    return load_dataset(Settings.model_validate(content), progress=False)


METHODS: dict[str, Callable[[Options], None]] = {
    "ours": ours,
    "keras": keras_fit,
    "torch": pytorch,
    "sgemm": sgemm,
}


def main(arguments: list[str]) -> int:
    """Train until the parent has had enough."""
    name, options = arguments
    METHODS[name](json.loads(options))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
