"""How long does a network of edges take, beside HyperTrack's as it is written down?

    python -m benchmarks.edge_network [--events FOLDER] [--hits 10000] [--edges 660000]
    python -m benchmarks.edge_network --train FOLDER --test FOLDER [--finder FOLDER]

The first form prints the seconds of one graph of that size, all networks in one process
and in turns, so that whatever else the machine does falls on each alike; edges count as
HyperTrack counts them, in both directions and from each hit to itself. Medians, and in
brackets the least and the most of the turns. The processor seconds are those of all
threads: on a busy machine they say more than the time on the wall, of which a method
with two threads gets a greater share. The second form trains the same networks on the
same graphs, and prints how well they tell true edges from others, and how many they
train on per second.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Before TensorFlow is loaded.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks.edge_graphs import columns_of, pairs_of, sized_graph
from benchmarks.ingest import goal
from trackdnn.evaluation.tables import Plain
from trackdnn.settings.finding.edge_network import EdgeNetworkSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from network.graph_inputs import GraphInputs

    Columns = Mapping[str, Any]
    # Wall time and processor time of each turn.
    Seconds = dict[str, list[tuple[float, float]]]

PLAIN = "plain HyperTrack, Keras"
FASTER = 4.0
THREADS = (1, 2)


@dataclasses.dataclass(frozen=True)
class Network:
    """A network to compare.

    Args:
        name: In the tables.
        architecture: Of `network.graph_builder`, `"plain"` for the peer.
        options: Its options.
    """

    name: str
    architecture: str
    options: dict[str, Any] = dataclasses.field(default_factory=dict)

    def build(self, inputs: GraphInputs) -> Any:
        """The network, with fresh weights."""
        if self.architecture == "plain":
            from benchmarks.plain_hypertrack import plain_hypertrack

            return plain_hypertrack(inputs, **self.options)
        from network.graph_builder import GraphBuilder

        return GraphBuilder(self).build(inputs)


# A finder whose constructor makes the graphs of a training, without its filter.
_TREES = Path("samples/finder_trees")
PEER = Network("plain HyperTrack", "plain")
NETWORKS = (
    PEER,
    Network("hypertrack", "hypertrack"),
    Network("interaction, width 64", "interaction"),
    Network("interaction, width 32", "interaction", {"width": 32, "decoder": (32, 16)}),
    Network(
        "interaction, light",
        "interaction",
        {"width": 32, "steps": 3, "aggregation": ("mean",), "decoder": (32, 16)},
    ),
    Network(
        "interaction, small",
        "interaction",
        {"width": 24, "steps": 2, "aggregation": ("mean",), "decoder": (24, 16)},
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables and the goals."""
    options = _options(arguments)
    chosen = [one for one in NETWORKS if one.name.startswith(tuple(options.only))]
    if options.train:
        from benchmarks.edge_training import compare

        _say(compare(chosen, options))
        return 0
    event, graph = sized_graph(
        options.hits, pairs_of(options.edges, options.hits), options.events
    )
    groups = EdgeNetworkSettings().node_features
    columns = columns_of(event, graph, groups)
    _say(f"{len(event)} hits, {len(graph)} pairs of hits as edges")
    # One after the other beside the peer: a session of ONNX Runtime keeps the gigabytes
    # that it has worked in.
    for network in chosen:
        if network is not PEER:
            methods = methods_of((PEER, network), columns, groups)
            found = in_turns(methods, options.rounds)
            _say(time_table(found).to_markdown())
            _say("\n".join(goals(found)))
    return 0


def methods_of(
    networks: Sequence[Network], columns: Columns, groups: Sequence[Any]
) -> dict[str, Callable[[], Any]]:
    """A function for each way to score the edges of one graph, warm."""
    from export.graph_network import convert_edges
    from trackdnn.graphs.edge_network.columns import EDGE_NAMES
    from trackdnn.graphs.edge_network.ranges import fit_ranges

    inputs = fit_ranges([(columns["nodes"], columns["edges"])], groups, EDGE_NAMES)
    found: dict[str, Callable[[], Any]] = {}
    for network in networks:
        model = unlike_fresh(network.build(inputs))
        found[f"{network.name}, Keras"] = keras_method(model, columns)
        if network.architecture == "plain":
            # Nobody would export it; it takes memory for its wide tensors.
            continue
        content = convert_edges(model).SerializeToString()
        for threads in THREADS:
            name = f"{network.name}, ONNX, {threads} thread{'s' * (threads > 1)}"
            found[name] = onnx_method(content, columns, threads)
    return found


def unlike_fresh(model: Any) -> Any:
    """Moves the weights: converters leave out a factor of 1 and a summand of 0."""
    rng = np.random.default_rng(1)
    weights = model.get_weights()
    # Variances must stay above 0.
    model.set_weights([one + rng.uniform(0.01, 0.1, one.shape) for one in weights])
    return model


def keras_method(model: Any, columns: Columns) -> Callable[[], Any]:
    """Scores by TensorFlow, in one compiled call with all of its threads."""
    import tensorflow as tf

    given = {name: tf.constant(array) for name, array in columns.items()}

    @tf.function
    def score() -> Any:
        return tf.sigmoid(model(given, training=False)["edge"])

    score.get_concrete_function()
    return lambda: score().numpy()


def onnx_method(content: bytes, columns: Columns, threads: int) -> Callable[[], Any]:
    """Scores by ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Waiting threads shall not count as working.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(
        content, options, providers=["CPUExecutionProvider"]
    )
    given = {
        "nodes": columns["nodes"],
        "edge_index": np.stack([columns["senders"], columns["receivers"]]).astype("i8"),
        "edge_features": columns["edges"],
    }
    return lambda: session.run(["score"], given)[0]


def in_turns(methods: Mapping[str, Callable[[], Any]], rounds: int) -> Seconds:
    """Seconds of each method in each round, after one call to warm up."""
    found: Seconds = {name: [] for name in methods}
    for number in range(rounds + 1):
        for name, method in methods.items():
            wall, cpu = time.perf_counter(), time.process_time()
            method()
            spent = time.perf_counter() - wall, time.process_time() - cpu
            if number:
                found[name].append(spent)
    return found


def time_table(found: Seconds) -> Plain:
    """Seconds, and how many times faster than the plain network."""
    rows = []
    for name in found:
        cells = [spread(values) for values in zip(*found[name], strict=True)]
        rows.append((name, *cells, *(spread(one) for one in gains(found, name))))
    header = ("Input", "s", "CPU s", "Times faster", "Times less CPU")
    return Plain("One graph", header, tuple(rows))


def gains(found: Seconds, name: str) -> list[list[float]]:
    """How many times faster a method is than the plain network, by wall and by CPU.

    Of each round by itself: what else the machine did then falls on both.
    """
    turns = list(zip(found[PLAIN], found[name], strict=True))
    return [[peer[kind] / ours[kind] for peer, ours in turns] for kind in (0, 1)]


def goals(found: Seconds) -> list[str]:
    """Whether each network is as fast as it shall be."""
    return [
        f"{name}: {goal('times faster', statistics.median(wall), FASTER)} "
        f"{goal('times less CPU', statistics.median(cpu), FASTER)}"
        for name in found
        if name != PLAIN
        for wall, cpu in [gains(found, name)]
    ]


def spread(values: Sequence[float]) -> str:
    """The median, the least and the most."""
    middle = statistics.median(values)
    return f"{middle:.2f} ({min(values):.2f}-{max(values):.2f})"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.edge_network",
        description=(__doc__ or "").split("\n", 1)[0],
    )
    add = parser.add_argument
    add("--events", type=Path, help="large events with truth; helices without it")
    add("--hits", type=int, default=10_000)
    add("--edges", type=int, default=660_000, help="directed, with those to oneself")
    add("--rounds", type=int, default=5)
    add("--only", nargs="+", default=[""], help="what names begin with, as plain")
    add("--train", type=Path, nargs="+", help="events to learn from")
    add("--test", type=Path, nargs="+", help="other events, to judge by")
    add("--finder", type=Path, default=_TREES, help="makes the graphs")
    add("--particles", type=float, default=0.3, help="share of those that are seen")
    add("--most", type=int, default=20, help="events to learn from, and to judge by")
    add("--epochs", type=int, default=4)
    add("--seeds", type=int, default=1)
    options = parser.parse_args(arguments)
    if bool(options.train) != bool(options.test):
        parser.error("--train and --test must be given together, or neither.")
    return options


def _say(text: str) -> None:
    print(text, end="\n\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
