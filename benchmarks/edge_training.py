"""Several networks of edges, trained on the same graphs for as many epochs."""

from __future__ import annotations

import dataclasses
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from network.metrics import roc_auc
from trackdnn.data.randomness import generator
from trackdnn.errors import InputError
from trackdnn.evaluation.tables import Plain
from trackdnn.events.event import without_truth
from trackdnn.events.open import open_events
from trackdnn.events.views import View
from trackdnn.graphs.edge_network.columns import GRAPH_NAMES
from trackdnn.graphs.edge_network.ranges import fit_ranges
from trackdnn.graphs.edge_network.shelf import Shelf
from trackdnn.graphs.edge_network.units import unit_of
from trackdnn.settings import LocalSettings
from trackdnn.settings.finding import ViewSettings
from trackdnn.settings.finding.edge_network import EdgeNetworkSettings, GraphStage
from trackdnn.tracking.pipeline.folder import load_finder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.edge_network import Network
    from network.graph_inputs import GraphInputs

    Float = NDArray[np.float64]

_SETTINGS = EdgeNetworkSettings(bare=0.0)
HEADER = (
    "Model",
    "AUC of all true edges",
    "Less the first one's",
    "Events/s",
    "Thousand edges/s",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """One network after its trainings.

    Args:
        name: Of the network.
        areas: AUC of each test event in each training, shape `(seeds, events)`.
        rates: Events trained on per second, in each epoch of each training but the
            first one, in which all is compiled.
    """

    name: str
    areas: Float
    rates: tuple[float, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Graphs:
    """Units on disk to learn from, and to judge by.

    Args:
        train: To learn from.
        trained: How many these are.
        test: To judge by.
        tested: How many these are.
    """

    train: Shelf
    trained: int
    test: Shelf
    tested: int

    def inputs(self) -> GraphInputs:
        """Ranges of all that is learned from."""
        units = (self.train.get(row, ("nodes", "edges")) for row in range(self.trained))
        parts = ((unit["nodes"], unit["edges"]) for unit in units)
        return fit_ranges(parts, _SETTINGS.node_features, GRAPH_NAMES)

    def edges(self) -> float:
        """Edges of a graph to learn from, on average."""
        units = (self.train.get(row, ("senders",)) for row in range(self.trained))
        return statistics.mean(len(unit["senders"]) for unit in units)


def compare(networks: Sequence[Network], options: argparse.Namespace) -> str:
    """Trains each network; the table as text, with the graphs told before it."""
    with tempfile.TemporaryDirectory() as folder:
        graphs = make_graphs(options, Path(folder))
        inputs = graphs.inputs()
        rows = []
        for one in networks:
            rows.append(train(one, graphs, inputs, options))
            # A training takes minutes.
            print(f"{one.name}: {with_error(rows[-1].areas)}", file=sys.stderr)
        told = (
            f"{graphs.trained} graphs of {graphs.edges():,.0f} edges on average to "
            f"learn from, {graphs.tested} to judge by, {options.epochs} epochs, "
            f"{options.seeds} seeds"
        )
        return f"{told}\n\n{table(rows, graphs.edges()).to_markdown()}"


def make_graphs(options: argparse.Namespace, folder: Path) -> Graphs:
    """The graphs of the constructor of a finder, without its filter."""
    build = load_finder(options.finder).constructor.build
    view = View(ViewSettings(particles=options.particles), "evaluation")
    made = {}
    for name, places in (("train", options.train), ("test", options.test)):
        sources = open_events([str(one) for one in places])[: options.most]
        if len(sources) < 2:
            raise InputError(
                f"There must be at least two events to {name}. "
                f"Received: {len(sources)}."
            )
        shelf = Shelf(folder / name)
        for row, source in enumerate(view.of(sources)):
            event = source.load()
            graph = build(without_truth(event))
            rng = generator(0, f"graphs to {name}", row)
            shelf.put(row, unit_of(event, graph, _SETTINGS, rng))
        made[name] = (shelf, len(sources))
    (first, trained), (second, tested) = made["train"], made["test"]
    return Graphs(train=first, trained=trained, test=second, tested=tested)


def train(
    network: Network, graphs: Graphs, inputs: GraphInputs, options: argparse.Namespace
) -> Row:
    """A network through the engine, from each seed; the weights of the last epoch."""
    from trackdnn.graphs.edge_network.task import GraphTask
    from trackdnn.training.trainer import ModelTrainer

    stage = GraphStage(epochs=options.epochs, batch_size=1, lanes=1)
    task = GraphTask(
        settings=_SETTINGS,
        shelves=[graphs.train],
        units=graphs.trained,
        # The engine wants some events after each epoch; the figures come from others.
        validation=graphs.train,
        judged=1,
    )
    areas: list[Float] = []
    rates: list[float] = []
    for seed in range(1, options.seeds + 1):
        trainer = ModelTrainer(stage, LocalSettings(progress=False), seed)
        result = trainer.train(lambda: network.build(inputs), task)
        rates += [row.tracks_per_second for row in result.history[1:]]
        areas.append(areas_of(result.model, graphs))
    return Row(name=network.name, areas=np.array(areas), rates=tuple(rates))


def areas_of(model: Any, graphs: Graphs) -> Float:
    """Edge AUC of each test event; a true edge that the graph lacks counts as lost."""
    import tensorflow as tf

    score = tf.function(
        lambda given: model(given, training=False)["edge"],
        reduce_retracing=True,
        autograph=False,
    )
    names = [tensor.name for tensor in model.inputs]
    found = []
    for row in range(graphs.tested):
        unit = graphs.test.get(row)
        logit = score({name: tf.constant(unit[name]) for name in names}).numpy()
        found.append(area(unit, logit[:, 0]))
    return np.array(found)


def area(unit: dict[str, NDArray[Any]], logit: NDArray[np.floating]) -> float:
    """AUC over all true edges of one event and the false ones of its graph."""
    counted = unit["weight"] > 0
    label = unit["label"][counted, 0] > 0
    found, asked = unit["counts"].tolist()
    return roc_auc(label, logit[counted]) * found / asked


def table(rows: Sequence[Row], edges: float) -> Plain:
    """Areas with their errors, and what is trained on per second."""
    first = rows[0].areas
    lines = []
    for row in rows:
        rate = statistics.median(row.rates)
        lines.append(
            (
                row.name,
                with_error(row.areas),
                "-" if row is rows[0] else with_error(row.areas - first),
                f"{rate:.2f} ({min(row.rates):.2f}-{max(row.rates):.2f})",
                f"{rate * edges / 1e3:.0f}",
            )
        )
    return Plain("Trained alike", HEADER, tuple(lines))


def with_error(areas: Float) -> str:
    """Mean over all events and trainings, with its standard error.

    Events are drawn, and so are the first weights: the error is the greater one of
    that of the mean over the events and, of several seeds, of the mean over these.
    """
    errors = [
        np.std(means, ddof=1) / np.sqrt(len(means))
        for means in (areas.mean(axis=0), areas.mean(axis=1))
        if len(means) > 1
    ]
    return f"{areas.mean():.4f} ± {max(errors):.4f}"
