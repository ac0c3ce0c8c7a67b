"""Trains a network that gives hits their places, through the engine.

It works in a folder that holds the events as arrays, the ranges of their columns and
checkpoints: an interrupted training goes on from there, bit for bit.

```
events/00007/…    units of `trackdnn.graphs.metric_learning.units`
inputs.json       names and ranges of the columns; written once all events are there
checkpoints/      of `trackdnn.training`
```
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from network.graph_builder import GraphBuilder
from network.graph_inputs import GraphInputs
from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.data.randomness import generator
from trackdnn.errors import InputError
from trackdnn.graphs.edge_network.shelf import Shelf
from trackdnn.graphs.metric_learning.ranges import fit_ranges
from trackdnn.graphs.metric_learning.task import PlaceTask
from trackdnn.graphs.metric_learning.units import unit_of
from trackdnn.graphs.progress import watched
from trackdnn.settings import LocalSettings
from trackdnn.training.checkpoints.store import CheckpointStore
from trackdnn.training.keeper import Keeper
from trackdnn.training.signals import Interruption
from trackdnn.training.trainer import ModelTrainer
from trackdnn.training.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackdnn.events.event import Event
    from trackdnn.settings.finding.metric_learning import MetricLearningSettings
    from trackdnn.training.result import TrainingResult

INPUTS = "inputs.json"
# One event in so many is judged by.
EVERY = 10


@dataclasses.dataclass(frozen=True)
class _Choice:
    """What the builder of networks reads of the settings."""

    architecture: str
    options: dict[str, Any]


def learn(
    settings: MetricLearningSettings,
    events: Iterable[Event],
    *,
    seed: int,
    progress: bool,
    folder: Path | None = None,
    watch: Watch | None = None,
) -> TrainingResult:
    """Trains the network.

    Args:
        settings: The block of the constructor.
        events: With truth; gone through once, and not at all where a training goes on
            that had them all.
        seed: Of all random numbers.
        progress: Whether to show bars on a terminal.
        folder: Where it works; what lies there it goes on with. `None` for a training
            that is not kept.
        watch: Says when to stop, `None` for at signals.

    Returns:
        The network, and its history.

    Raises:
        InputError: If fewer than two events have true edges.
        Stopped: When the watch says so, once a checkpoint is written.
    """
    with _room(folder) as room, Interruption() as interruption:
        shelf = Shelf(room / "events")
        if not (room / INPUTS).exists():
            _fill(shelf, settings, events, seed=seed, progress=progress)
            _fit(room / INPUTS, shelf, settings)
        inputs, number = _read(room / INPUTS)
        judged = tuple(range(0, number, EVERY))
        task = PlaceTask(
            settings=settings,
            shelf=shelf,
            training=tuple(row for row in range(number) if row not in judged),
            validation=judged,
        )
        keeper = Keeper(
            None if folder is None else CheckpointStore(room / "checkpoints"),
            watch or Watch(interruption),
        )
        trainer = ModelTrainer(settings.stages, LocalSettings(progress=progress), seed)
        return trainer.train(lambda: network(settings, inputs), task, keeper=keeper)


def network(settings: MetricLearningSettings, inputs: GraphInputs) -> Any:
    """The network with fresh weights: input `nodes`, output `place`."""
    options = {
        "width": settings.width,
        "depth": settings.depth,
        "dimensions": settings.dimensions,
        "normalize": settings.sphere,
        "normalization": settings.normalization,
        "activation": settings.activation,
    }
    return GraphBuilder(_Choice("embedding", options)).build(inputs)


@contextlib.contextmanager
def _room(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _fill(
    shelf: Shelf,
    settings: MetricLearningSettings,
    events: Iterable[Event],
    *,
    seed: int,
    progress: bool,
) -> None:
    """Puts all events on disk that have something to learn from."""
    number = 0
    shown = watched(events, enabled=progress, what="events to learn places from")
    for place, event in enumerate(shown):
        # Some are seen without clusters, so that the network can do without.
        if generator(seed, "events without clusters", place).random() < settings.bare:
            event = dataclasses.replace(event, clusters=None)
        unit = unit_of(event, settings)
        if not unit["edges"].shape[1]:
            continue
        if number not in shelf:
            shelf.put(number, unit)
        number += 1


def _fit(path: Path, shelf: Shelf, settings: MetricLearningSettings) -> None:
    """Writes the names and ranges of the columns, and how many events there are."""
    number = 0
    while number in shelf:
        number += 1
    if number < 2:
        raise InputError(
            "Metric learning must have two events with true edges, one to judge by. "
            f"Received: {number}. Train on more events."
        )
    hits = (shelf.get(row, ("nodes",))["nodes"] for row in range(number))
    inputs = fit_ranges(hits, number, settings.node_features)
    content = {"events": number, "inputs": inputs.to_dict()}
    write_bytes(path, json.dumps(content, indent=2).encode() + b"\n")


def _read(path: Path) -> tuple[GraphInputs, int]:
    content = json.loads(path.read_bytes())
    return GraphInputs.from_dict(content["inputs"]), int(content["events"])
