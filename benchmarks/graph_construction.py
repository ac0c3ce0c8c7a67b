"""What does each graph constructor cost, and how good are its graphs?

    python -m benchmarks.graph_construction --train DIR --events DIR --output DIR

prints seconds, memory, edge efficiency and purity of each constructor for events of
several sizes, what a dense Voxel-Dynamics takes for the same edges in the same process,
and the rate of true edges against pile-up. `--events` names large events, of which
particles are drawn for smaller ones; `--train` names others. Without them, helices in
ten layers are made up on the spot.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.dense_voxel_dynamics import dense_bytes
from benchmarks.graph_costs import Peer, compare, measure, peer_table, size_table
from benchmarks.graph_rates import Rate, draw_rates, rates, rates_table
from benchmarks.helices import helix_event
from trackdnn.events.open import open_events
from trackdnn.events.views import View
from trackdnn.graphs.constructor import constructor_class
from trackdnn.graphs.voxel_dynamics.constructor import VoxelDynamics
from trackdnn.settings.finding import (
    ModuleMapSettings,
    NeighboursSettings,
    ViewSettings,
    VoxelDynamicsSettings,
)

if TYPE_CHECKING:
    from trackdnn.events.event import Event
    from trackdnn.graphs.constructor import Constructor

# What HyperTrack keeps: which cells were ever seen together, of all pairs of a track.
BINARY: dict[str, Any] = {
    "truth": "hyper",
    "fold": False,
    "mirror": False,
    "smooth": 0.0,
    "cut": 0.0,
}


def constructors(options: argparse.Namespace) -> dict[str, tuple[str, Any]]:
    """Kind and settings by name."""
    cut, cells = options.cut, options.plain_cells
    known = {
        "Voxel-Dynamics": ("voxel_dynamics", VoxelDynamicsSettings(cut=cut)),
        "Voxel-Dynamics, nothing shared": (
            "voxel_dynamics",
            VoxelDynamicsSettings(cut=cut, smooth=0.0),
        ),
        "Voxel-Dynamics, not folded": (
            "voxel_dynamics",
            VoxelDynamicsSettings(cut=cut, fold=False, cells=cells),
        ),
        "Module map": ("module_map", ModuleMapSettings()),
        "Neighbours": ("neighbours", NeighboursSettings()),
    }
    return {
        name: known[name]
        for name in known
        if any(name.startswith(start) for start in options.only)
    }


def of_size(event: Event, hits: int) -> Event:
    """Some of an event's particles and noise, for about as many hits."""
    share = min(hits / max(len(event), 1), 1.0)
    return View(ViewSettings(particles=share), "evaluation").apply(event)


def main(arguments: list[str] | None = None) -> int:
    """Print the tables, and draw the picture."""
    options = _options(arguments)
    large = max(_events(options.events, options.sizes, options.train), key=len)
    training = list(_training(options))
    made = {
        name: constructor_class(kind).train(settings, training, seed=1, progress=True)
        for name, (kind, settings) in constructors(options).items()
    }
    events = [of_size(large, size) for size in options.sizes]
    rows = [
        measure(name, one, event, "modulewise", options.repeats)
        for event in events
        for name, one in made.items()
    ]
    print(size_table(rows).to_markdown(), flush=True)
    if peers := list(_peers(options, training, events)):
        print(peer_table(peers).to_markdown(), flush=True)
    found = list(_rates(options, made, large))
    print(rates_table(found).to_markdown(), flush=True)
    for path in draw_rates(found, options.output):
        print(path)
    return 0


def _events(places: list[Path], sizes: list[int], train: list[Path]) -> Iterator[Event]:
    if bool(places) != bool(train):
        raise SystemExit("--events and --train must be given together, or neither.")
    for source in open_events(places):
        yield source.load()
    if not places:
        yield helix_event(max(sizes), seed=0)


def _training(options: argparse.Namespace) -> Iterator[Event]:
    for source in open_events(options.train)[: options.most]:
        yield source.load()
    if not options.train:
        for seed in range(1, options.most + 1):
            yield helix_event(15_000, seed=seed)


def _peers(
    options: argparse.Namespace, training: list[Event], events: list[Event]
) -> Iterator[Peer]:
    fitting = [one for one in events if dense_bytes(len(one)) <= options.dense_gb * 1e9]
    if fitting:
        settings = VoxelDynamicsSettings(
            **BINARY, cells=options.binary_cells, iterations=0
        )
        made = VoxelDynamics.train(settings, training, seed=1, progress=True)
        for event in fitting:
            yield compare(made, event, options.repeats)


def _rates(
    options: argparse.Namespace, made: dict[str, Constructor], large: Event
) -> Iterator[Rate]:
    for name, one in made.items():
        yield from rates(name, one, large, options.full, options.pile_up)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.graph_construction",
        description=(__doc__ or "").split("\n", 1)[0],
    )
    add = parser.add_argument
    add("--train", type=Path, nargs="+", default=[], help="events with truth")
    add("--events", type=Path, nargs="+", default=[], help="large events, others")
    add("--only", nargs="+", default=[""], help="what names begin with, as Voxel")
    add("--most", type=int, default=60, help="events to train with")
    add("--output", type=Path, default=Path("graph_construction"))
    add("--sizes", type=int, nargs="+", default=[1_000, 10_000, 30_000, 100_000])
    add("--cut", type=float, default=0.003, help="of Voxel-Dynamics")
    add("--plain-cells", type=int, default=16_384, help="not folded")
    add("--binary-cells", type=int, default=65_536, help="beside the dense form")
    add("--dense-gb", type=float, default=4.0, help="most memory of the dense form")
    add("--full", type=float, default=200.0, help="pile-up of the largest event")
    add("--pile-up", type=float, nargs="+", default=[2.0, 20.0, 60.0, 200.0])
    add("--repeats", type=int, default=3)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
