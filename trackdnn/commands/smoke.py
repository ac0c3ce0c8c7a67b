"""`train --smoke`: the whole way on a few tracks, before hours are spent on it."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackdnn.commands import console, quiet
from trackdnn.errors import Stopped
from trackdnn.settings import Sampling, Settings

if TYPE_CHECKING:
    from trackdnn.data.batches.parts import Part
    from trackdnn.data.dataset import Dataset
    from trackdnn.training.run import Run

# Events that are read of each sample, and tracks that are kept of each part.
EVENTS, TRACKS = 200, 4096
# One epoch to be stopped after, and one to go on with.
EPOCHS = 2


def run(settings: Settings) -> None:
    """Train each stage for two batches, stop, go on, and export; leave nothing."""
    from trackdnn.commands.train import check, use_devices
    from trackdnn.data.dataset import load_dataset
    from trackdnn.training.workers import refuse_several

    refuse_several("train --smoke")
    check(settings)
    use_devices(settings)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="trackdnn-smoke-") as name:
        folder = Path(name)
        small = shrink(settings, folder)
        dataset = few(load_dataset(small, progress=False), small)
        quiet.start_tensorflow(devices=False)
        trained, resumed = _train(small, dataset, folder / "run")
        from trackdnn.commands import export

        bundle = export.leave(trained, export.some_of(dataset), folder / "bundle")
        facts = {
            "stages": str(len(small.training)),
            "went on after a stop": f"{resumed} times",
            "parameters": f"{trained.model.count_params():,}",
            "largest difference of an artifact": _largest(bundle.manifest),
            "seconds": f"{time.monotonic() - start:.0f}",
        }
    console.out().print(console.facts("Smoke test passed", facts))


def shrink(settings: Settings, folder: Path) -> Settings:
    """The same settings for a few tracks, with everything that is written in `folder`.

    What depends on many tracks is left out: sampling, warm-up, early stopping.
    """
    stages = tuple(
        stage.model_copy(
            update={
                "epochs": EPOCHS,
                "warmup": 0.0,
                "early_stopping": None,
                "sampling": Sampling(),
            }
        )
        for stage in settings.training
    )
    selection = settings.data.selection
    most = min(selection.max_events or EVENTS, EVENTS)
    data = settings.data.model_copy(
        update={"selection": selection.model_copy(update={"max_events": most})}
    )
    local = settings.local.model_copy(
        update={
            "prepared": str(folder / "prepared"),
            "max_epochs": 1,
            "tracker": "none",
            "on_finish": (),
        }
    )
    return settings.model_copy(
        update={
            "training": stages,
            "data": data if settings.data.prepared is None else settings.data,
            "local": local,
        }
    )


def few(dataset: Dataset, settings: Settings) -> Dataset:
    """The same dataset with a batch of training tracks, and a few others."""
    from trackdnn.data.batches.parts import MemoryPart

    def part(content: Part, most: int) -> Any:
        return MemoryPart(content.tracks(most=most))

    batch = max(stage.batch_size for stage in settings.training)
    test = dataset.test and part(dataset.test, TRACKS)
    return dataclasses.replace(
        dataset,
        train=part(dataset.train, batch),
        validation=part(dataset.validation, TRACKS),
        test=test,
    )


def _train(settings: Settings, dataset: Dataset, folder: Path) -> tuple[Run, int]:
    """Trains, as often as it stops."""
    from trackdnn.training.session import train

    stops = 0
    while True:
        try:
            return train(settings, dataset, folder, progress=False), stops
        except Stopped as stop:
            if stop.exit_code != 85 or stops > len(settings.training) * EPOCHS:
                raise
            stops += 1


def _largest(manifest: dict[str, Any]) -> str:
    artifacts = manifest["parity"]["artifacts"].values()
    return f"{max(figures['max_difference'] for figures in artifacts):.1e}"
