"""A constructor without training: each hit with those of the next two layers nearby."""

import dataclasses
import json

import numpy as np

from trackdnn.events.layers import BARREL, layer_index
from trackdnn.graphs.graph import graph_of


@dataclasses.dataclass
class Windows:
    """Pairs of hits within windows of azimuth and z0, mm."""

    settings: object = None
    dphi: float = 0.25
    z0: float = 200.0

    @classmethod
    def train(cls, settings, events, *, seed, progress, folder=None):
        assert sum(len(event) for event in events) > 0
        return cls(settings)

    def build(self, event):
        assert event.truth is None
        hits = event.hits
        assert np.isin(hits.volume, BARREL).all()
        number = np.unique(layer_index(hits.volume, hits.layer), return_inverse=True)[1]
        r, phi = hits.r, hits.phi
        pairs = [np.zeros((2, 0), dtype=int)]
        for row in range(len(event)):
            step = number - number[row]
            near = (step > 0) & (step <= 2)
            near &= np.abs((phi - phi[row] + np.pi) % (2 * np.pi) - np.pi) < self.dphi
            after = np.flatnonzero(near)
            slope = (hits.z[after] - hits.z[row]) / (r[after] - r[row])
            after = after[np.abs(hits.z[row] - slope * r[row]) < self.z0]
            pairs.append(np.stack([np.full(len(after), row), after]))
        return graph_of(event, np.concatenate(pairs, axis=1))

    def save(self, folder):
        (folder / "windows.json").write_text(json.dumps([self.dphi, self.z0]))

    @classmethod
    def load(cls, settings, folder):
        return cls(settings, *json.loads((folder / "windows.json").read_text()))


@dataclasses.dataclass(frozen=True)
class Kept:
    """An event in memory as a source."""

    event: object
    files: tuple = ()

    @property
    def name(self):
        return self.event.name

    def load(self):
        return self.event
