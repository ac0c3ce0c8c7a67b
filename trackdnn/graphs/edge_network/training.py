"""Trains a network of edges through the engine, and writes what uses it.

It works in `<folder>.unfinished`, which holds the units, the ranges and checkpoints:
an interrupted training goes on from there, bit for bit.
"""

from __future__ import annotations

import dataclasses
import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from network.graph_builder import GraphBuilder
from network.graph_inputs import GraphInputs
from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.data.randomness import generator
from trackdnn.errors import InputError, SettingsError
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_network import files
from trackdnn.graphs.edge_network.columns import EDGE_NAMES, GRAPH_NAMES
from trackdnn.graphs.edge_network.ranges import fit_ranges
from trackdnn.graphs.edge_network.shelf import Shelf
from trackdnn.graphs.edge_network.task import GraphTask
from trackdnn.graphs.edge_network.units import unit_of
from trackdnn.graphs.progress import watched
from trackdnn.training.checkpoints.store import CheckpointStore
from trackdnn.training.keeper import Keeper
from trackdnn.training.lanes import MOST
from trackdnn.training.precision import build_in
from trackdnn.training.signals import Interruption
from trackdnn.training.threads import set_threads
from trackdnn.training.trainer import ModelTrainer
from trackdnn.training.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trackdnn.events.event import Event
    from trackdnn.events.source import EventSource
    from trackdnn.graphs.graph import Graph
    from trackdnn.settings import LocalSettings
    from trackdnn.settings.finding.edge_network import (
        EdgeNetworkSettings,
        GraphStage,
    )
    from trackdnn.training.result import TrainingResult

log = logging.getLogger(__name__)

_RANGES = "inputs.json"


class Masks(Protocol):
    """What a network learns besides edges: which hits around pivots are a track."""

    @property
    def options(self) -> dict[str, Any]:
        """Options of the part of the network."""

    def task(self, task: GraphTask) -> GraphTask:
        """The same training with masks."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class NetworkTraining:
    """A training of a network of edges.

    Args:
        settings: The block of the network.
        training: From the share of particles that stay, the events to learn from.
        validation: Events to judge by.
        build: Graph of an event, with all that comes before the network.
        folder: New; gets the network.
        seed: Of all random numbers.
        local: Of the machine.
        masks: What is learned besides, or `None`.
    """

    settings: EdgeNetworkSettings
    training: Callable[[float], Sequence[EventSource]]
    validation: Sequence[EventSource]
    build: Callable[[Event], Graph]
    folder: Path
    seed: int
    local: LocalSettings
    masks: Masks | None = None

    def run(self) -> None:
        """Does what is not done yet.

        Raises:
            InputError: If there are no events to judge by, or no edges.
            SettingsError: If the network cannot be built.
            Stopped: At a signal, once a checkpoint is written.
        """
        if not self.validation:
            raise InputError(
                "A network of edges must have events to judge by. Received: none. Set "
                "--validation above 0, or name more events."
            )
        stages = self._stages()
        # One core computes one lane, before TensorFlow's first operation.
        set_threads([stage.lanes for stage in stages], self.local.cpu_threads)
        work = self.folder.with_name(f"{self.folder.name}.unfinished")
        work.mkdir(parents=True, exist_ok=True)
        task, inputs = self._prepare(work)
        with Interruption() as interruption:
            keeper = Keeper(
                CheckpointStore(work / "checkpoints"),
                Watch(interruption),
                every=self.local.checkpoint_seconds,
            )
            trainer = ModelTrainer(stages, self.local, self.seed)
            result = trainer.train(lambda: self._network(inputs), task, keeper=keeper)
        self._write(result, inputs)
        shutil.rmtree(work)

    def _stages(self) -> list[GraphStage]:
        """The stages with their lanes: an event each, where events do not matter."""
        coupled = self._builder().coupled
        return [
            stage
            if stage.lanes
            else stage.model_copy(
                update={
                    "lanes": 1
                    if coupled
                    else min(max(stage.batch_size // stage.accumulate, 1), MOST)
                }
            )
            for stage in self.settings.stages
        ]

    def _prepare(self, work: Path) -> tuple[GraphTask, GraphInputs]:
        shares = sorted({stage.particles for stage in self.settings.stages})
        shelves = {share: Shelf(work / f"particles-{share:g}") for share in shares}
        for share, shelf in shelves.items():
            self._fill(shelf, self.training(share), "graphs to learn from", 0)
        judged = Shelf(work / "validation")
        number = len(self.training(shares[-1]))
        self._fill(judged, self.validation, "graphs to judge by", number)
        inputs = self._inputs(work / _RANGES, shelves[shares[-1]], number)
        task = GraphTask(
            settings=self.settings,
            shelves=[shelves[stage.particles] for stage in self.settings.stages],
            units=number,
            validation=judged,
            judged=len(self.validation),
        )
        return (task if self.masks is None else self.masks.task(task)), inputs

    def _fill(
        self, shelf: Shelf, sources: Sequence[EventSource], what: str, shift: int
    ) -> None:
        left = [row for row in range(len(sources)) if row not in shelf]
        events = (sources[row].load() for row in left)
        done = len(sources) - len(left)
        show = self.local.progress and bool(left)
        shown = watched(events, enabled=show, what=what, total=len(sources), done=done)
        for row, event in zip(left, shown, strict=True):
            shelf.put(row, self._unit(event, shift + row))

    def _unit(self, event: Event, number: int) -> Any:
        # Some events are seen without clusters, so that a network can do without.
        if generator(self.seed, "events without clusters", number).random() < (
            self.settings.bare
        ):
            event = dataclasses.replace(event, clusters=None)
        rng = generator(self.seed, "edges of a network", number)
        return unit_of(event, self.build(without_truth(event)), self.settings, rng)

    def _inputs(self, path: Path, shelf: Shelf, number: int) -> GraphInputs:
        """Fitted once, or those that the network starts with."""
        if self.settings.start_from is not None:
            return files.read(files.place_of(Path(self.settings.start_from))).inputs
        if not path.exists():
            names = ("nodes", "edges", "label")
            units = (shelf.get(row, names) for row in range(number))
            parts = (
                (unit["nodes"], unit["edges"][unit["label"][:, 0] > 0])
                for unit in units
            )
            columns = EDGE_NAMES if self.settings.alone else GRAPH_NAMES
            fitted = fit_ranges(parts, self.settings.node_features, columns)
            write_bytes(path, fitted.to_json().encode() + b"\n")
        return GraphInputs.from_json(path.read_text("utf-8"))

    def _network(self, inputs: GraphInputs) -> Any:
        model = build_in(self.settings.precision, lambda: self._plain(inputs))
        if self.settings.start_from is not None:
            self._start(model, Path(self.settings.start_from), inputs)
        return model

    def _start(self, model: Any, folder: Path, inputs: GraphInputs) -> None:
        """Takes weights; masks begin anew where the other network has none."""
        if self.masks is None or files.read(files.place_of(folder)).masks:
            files.load_weights(model, folder)
            return
        edges = GraphBuilder(self.settings).build(inputs)
        files.load_weights(edges, folder)
        for layer in edges.layers:
            model.get_layer(layer.name).set_weights(layer.get_weights())

    def _plain(self, inputs: GraphInputs) -> Any:
        try:
            return self._builder().build(inputs)
        except ValueError as error:
            raise SettingsError(f"The network cannot be built: {error}") from error

    def _builder(self) -> GraphBuilder:
        masks = None if self.masks is None else self.masks.options
        try:
            return GraphBuilder(self.settings, masks=masks)
        except ValueError as error:
            raise SettingsError(f"The network cannot be built: {error}") from error

    def _write(self, result: TrainingResult, inputs: GraphInputs) -> None:
        plain = self._plain(inputs)
        plain.set_weights(result.model.get_weights())
        files.write(
            self.folder,
            plain,
            settings=self.settings,
            inputs=inputs,
            masks=self.masks is not None,
            history=[dataclasses.asdict(row) for row in result.history],
        )
