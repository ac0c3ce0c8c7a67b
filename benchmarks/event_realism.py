"""How much simulated events look like those of the TrackML challenge.

    python -m benchmarks.event_realism REAL SIMULATED

Both are folders of events with cells and truth. The events of a folder are added up;
shares do not depend on how many there are. Prints two tables: clusters by kind of
sensor, and particles with the layers they hit.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.events.clusters import FEATURES
from trackdnn.events.layers import BARREL, LAYERS, layer_index
from trackdnn.events.trackml import trackml_event, trackml_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackdnn.events.event import Event

KINDS = {
    "pixel, barrel": (8,),
    "pixel, endcap": (7, 9),
    "short strip, barrel": (13,),
    "short strip, endcap": (12, 14),
    "long strip, barrel": (17,),
    "long strip, endcap": (16, 18),
}
# Along u, mm.
_PITCH = {8: 0.05, 7: 0.05, 9: 0.05, 13: 0.08, 12: 0.08, 14: 0.08, 17: 0.12, 16: 0.12}
MOST_EVENTS = 20


@dataclass(frozen=True)
class Pool:
    """All events of a folder, side by side: per hit, then per particle with hits."""

    volume: np.ndarray
    layer: np.ndarray
    made: np.ndarray
    radius: np.ndarray
    z: np.ndarray
    clusters: np.ndarray
    count: np.ndarray
    pt: np.ndarray
    eta: np.ndarray
    origin: np.ndarray


def read_folder(folder: Path) -> Pool:
    """The first events of a folder."""
    names = trackml_names(folder)[:MOST_EVENTS]
    events = [trackml_event(folder, name).load() for name in names]
    return Pool(*map(np.concatenate, zip(*map(_columns, events), strict=True)))


def _columns(event: Event) -> tuple[np.ndarray, ...]:
    hits, (truth, particles) = event.hits, event.known()
    if event.clusters is None:
        raise SystemExit(f"{event.name} must have cells")
    seen = particles.take(particles.hits > 0)
    return (
        hits.volume,
        layer_index(hits.volume, hits.layer),
        truth.particle_id != 0,
        hits.r,
        np.abs(hits.z),
        event.clusters,
        seen.hits,
        seen.pt,
        np.abs(seen.eta),
        seen.radius,
    )


def cluster_rows(pools: list[Pool]) -> list[list[str]]:
    """Mean cells, extents and charge per kind of sensor, of particles and noise."""
    rows = []
    for kind, volumes in KINDS.items():
        for title, want in (("particles", True), ("noise", False)):
            cells = [_of_kind(pool, volumes, want) for pool in pools]
            rows.append([kind, title, *cells])
    return rows


def _of_kind(pool: Pool, volumes: tuple[int, ...], want: bool) -> str:
    mine = np.isin(pool.volume, volumes) & (pool.made == want)
    part = pool.clusters[mine]
    share = mine.sum() / (pool.made == want).sum()
    column = {name: part[:, place] for place, name in enumerate(FEATURES)}
    width = column["lx"].mean() / _PITCH[volumes[0]]
    return (
        f"{share:.3f}; {column['cell_count'].mean():.2f}; {width:.2f}; "
        f"{column['ly'].mean():.3f}; {column['cell_val'].mean():.3f}"
    )


def event_rows(pools: list[Pool]) -> list[list[str]]:
    """Particles and noise."""
    measures: dict[str, Callable[[Pool], float]] = {
        "noise, share of the hits": lambda p: 1 - p.made.mean(),
        "hits per particle": lambda p: p.count.mean(),
        "most hits of a particle": lambda p: p.count.max(),
        "particles with fewer than 3 hits": lambda p: (p.count < 3).mean(),
        "hits per particle, pT > 0.9 GeV": lambda p: p.count[p.pt > 0.9].mean(),
        "pT of particles, median, GeV": lambda p: np.median(p.pt),
        "pT, 10 % below, GeV": lambda p: np.quantile(p.pt, 0.1),
        "pT, 90 % below, GeV": lambda p: np.quantile(p.pt, 0.9),
        "eta, median of the absolute value": lambda p: np.median(p.eta),
        "made more than 3 mm from the beam": lambda p: (p.origin > 3).mean(),
    }
    return [
        [name, *(f"{measure(pool):.3g}" for pool in pools)]
        for name, measure in measures.items()
    ]


def layer_rows(pools: list[Pool]) -> list[list[str]]:
    """Share of the hits of particles, and the mean place of each layer."""
    rows = []
    for place, (volume, layer) in enumerate(LAYERS):
        row = [f"{volume}, {layer}"]
        for pool in pools:
            mine = (pool.layer == place) & pool.made
            where = pool.radius if volume in BARREL else pool.z
            share = mine.sum() / pool.made.sum()
            row.append(f"{share:.4f}; {where[mine].mean():.1f}")
        rows.append(row)
    return rows


def table(header: list[str], rows: list[list[str]]) -> str:
    """Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main(arguments: list[str]) -> None:
    """Compare two folders."""
    pools = [read_folder(Path(argument)) for argument in arguments]
    names = ["real", "simulated"]
    print(table(["", *names], event_rows(pools)))
    print("\nShare of these hits; cells; width along u in channels; along v in mm; sum")
    print(table(["sensor", "of", *names], cluster_rows(pools)))
    print("\nShare of the hits; mean r (barrel) or |z| (endcap) in mm")
    print(table(["volume, layer", *names], layer_rows(pools)))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(sys.argv[1:])
