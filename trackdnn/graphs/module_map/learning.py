"""The map out of true doublets and triplets."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.events.layers import LAYERS
from trackdnn.graphs.module_map.geometry import differences, doublets
from trackdnn.graphs.module_map.joining import chained
from trackdnn.graphs.module_map.quantiles import by_key, group_ranges
from trackdnn.graphs.module_map.regions import mirrored, places_of
from trackdnn.graphs.module_map.sample import Sample
from trackdnn.graphs.truth_graphs import true_edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.graphs.module_map.quantiles import Ranges
    from trackdnn.settings.finding import ModuleMapSettings

COUNT = len(LAYERS)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Map:
    """What was learned; regions and layers as in `Places`.

    Args:
        first: Region of the first hit of each connected pair of regions, ascending,
            int64 of shape `(links,)`.
        second: Region of the second hit.
        dphi: Largest difference of azimuth, rad, float64.
        miss: Lowest and highest `miss` by `pair_of_layers`, `(2, 2304)`, mm.
        bend: Largest `|bend|` by pair of layers, `(2304,)`, 1/mm.
        theta_change: Largest change of theta by `triple_of_layers`, `(110592,)`.
        bend_change: Largest change of bend by triple of layers, `(110592,)`.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    dphi: NDArray[np.float64]
    miss: NDArray[np.float64]
    bend: NDArray[np.float64]
    theta_change: NDArray[np.float64]
    bend_change: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.first)


def pair_of_layers(
    first: NDArray[np.int32], second: NDArray[np.int32]
) -> NDArray[np.int32]:
    """One number below `COUNT**2` per pair."""
    return first * np.int32(COUNT) + second


class Learner:
    """Gathers true doublets and triplets, one event at a time.

    Args:
        settings: Of the map.
        random: Thins what is gathered where it is too much to hold.
    """

    def __init__(
        self, settings: ModuleMapSettings, random: np.random.Generator
    ) -> None:
        self._settings = settings
        self._pairs = Sample(settings.sample, random)
        self._triples = Sample(settings.sample, random)

    def add(self, event: Event) -> None:
        """Takes the truth of an event, and of its mirror image."""
        _, particles = event.known()
        settings = self._settings
        # NaN, as of unknown momenta, counts.
        counted = ~(particles.pt < settings.min_pt) & (
            particles.hits >= settings.min_hits
        )
        pairs = true_edges(event, settings.truth, counted)
        images = [event]
        if settings.mirror and settings.regions == "bins":
            images.append(mirrored(event))
        for image in images:
            self._gather(image, pairs)

    def _gather(self, event: Event, pairs: NDArray[np.int32]) -> None:
        places = places_of(event.hits, self._settings)
        pairs = pairs[:, (places.region[pairs] >= 0).all(axis=0)]
        found = doublets(places, pairs)
        layers = pair_of_layers(places.layer[pairs[0]], places.layer[pairs[1]])
        regions = places.region[pairs]
        columns = [*regions, layers, np.abs(found.dphi), found.miss, np.abs(found.bend)]
        self._pairs.add(np.stack(columns, axis=1).astype(np.float64))
        first, second = chained(pairs)
        triple = layers[first] * COUNT + places.layer[pairs[1][second]]
        changes = differences(found, first, second)
        self._triples.add(np.stack([triple, *changes], axis=1).astype(np.float64))

    def learned(self) -> Map:
        """The map of what was gathered."""
        rows = self._pairs.rows().reshape(-1, 6)
        regions, layers = rows[:, :2].astype(np.int64), rows[:, 2].astype(np.int64)
        pair, group = np.unique(regions, axis=0, return_inverse=True)
        tail, size = self._settings.tail, COUNT**2
        dphi = self._ranges(group.ravel(), rows[:, 3], tail)
        usual = _shares(pair[dphi.key, 0], dphi.count) >= self._settings.share
        miss = self._ranges(layers, rows[:, 4], tail)
        bend = self._ranges(layers, rows[:, 5], tail)
        ends = (
            by_key(miss.key, miss.low, size, np.inf),
            by_key(miss.key, miss.high, size, -np.inf),
        )
        rows = self._triples.rows().reshape(-1, 3)
        triple, tail = rows[:, 0].astype(np.int64), self._settings.triplet_tail
        theta_change = self._ranges(triple, rows[:, 1], tail)
        bend_change = self._ranges(triple, rows[:, 2], tail)
        return Map(
            first=pair[dphi.key[usual], 0],
            second=pair[dphi.key[usual], 1],
            dphi=np.minimum(dphi.high[usual], np.pi),
            miss=np.stack(ends),
            bend=by_key(bend.key, bend.high, size, -np.inf),
            theta_change=by_key(theta_change.key, theta_change.high, COUNT**3, -np.inf),
            bend_change=by_key(bend_change.key, bend_change.high, COUNT**3, -np.inf),
        )

    def _ranges(
        self, key: NDArray[np.int64], value: NDArray[np.float64], tail: float
    ) -> Ranges:
        return group_ranges(key, value, tail=tail, least=self._settings.least)


def _shares(first: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of all doublets that leave a region, those that take each link."""
    _, place = np.unique(first, return_inverse=True)
    return np.asarray(count / np.bincount(place, count)[place])
