"""Events from the CSV writers of ACTS (columns of its version 48).

| file `event000000000-...`       | what is taken from it                              |
|---------------------------------|----------------------------------------------------|
| `measurements.csv`              | the hits: one per measurement, `hit_id` its number |
| `hits.csv`                      | simulated hits: truth                              |
| `measurement-simhit-map.csv`    | which of them made a measurement                   |
| `particles_simulated.csv`       | particles; or `particles_initial`, `particles`     |
| `cells.csv`                     | cells, if the digitization was geometric           |
| `detectors.csv`, beside them    | modules, for positions and cluster shapes          |

Positions are those of the measurements: `global_x`, `global_y`, `global_z` or, where
ACTS leaves them open (smeared digitization), the local ones on the plane of the module.
Space points are not read: they are made of some layers only.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from trackdnn.errors import BadFileError
from trackdnn.events import acts_tables as tables
from trackdnn.events.event import Event, count_hits
from trackdnn.events.places import one_of, tables_near
from trackdnn.events.trackml_tables import particles_of_truth
from trackdnn.events.weights import hit_weights

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from trackdnn.events.event import Hits, Particles, Truth

_MEASUREMENTS = re.compile(r"(?P<stem>.+)-measurements\.csv(\.gz)?", re.DOTALL)
# The first that is there has the most: particles made on the way, too.
_PARTICLES = ("particles_simulated", "particles_initial", "particles")


@dataclasses.dataclass(frozen=True)
class ActsFiles:
    """The files of one event; a source of events.

    Args:
        name: Name of the event, such as `event000000000`.
        measurements: Its measurements.
        simulated: Its simulated hits, or `None`.
        links: Which simulated hits made a measurement; there where `simulated` is.
        particles: Its particles, or `None`.
        cells: Its cells, or `None`.
        geometry: The modules as ACTS has them, or `None`.
        detectors: The modules with their pitches, or `None`.
    """

    name: str
    measurements: Path
    simulated: Path | None = None
    links: Path | None = None
    particles: Path | None = None
    cells: Path | None = None
    geometry: Path | None = None
    detectors: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """Those of them that are there, each once."""
        paths = [getattr(self, field.name) for field in dataclasses.fields(self)[1:]]
        return tuple(dict.fromkeys(path for path in paths if path is not None))

    def load(self) -> Event:
        """Reads the event; TrackML weights are computed from the truth.

        Raises:
            BadFileError: If a file is missing, damaged or malformed.
        """
        hits = tables.read_measurements(self.measurements, self.geometry)
        clusters = self._clusters(hits)
        if self.simulated is None or self.links is None:
            return Event(name=self.name, hits=hits, clusters=clusters)
        truth = tables.read_truth(self.simulated, self.links, hits)
        particles = self._particles(truth, self.simulated)
        event = Event(
            name=self.name,
            hits=hits,
            clusters=clusters,
            truth=dataclasses.replace(truth, weight=hit_weights(truth, particles)),
            particles=particles,
        )
        return dataclasses.replace(event, particles=count_hits(particles, event))

    def _clusters(self, hits: Hits) -> NDArray[np.float32] | None:
        if self.cells is None or self.detectors is None:
            return None
        return tables.read_clusters(self.cells, self.detectors, hits)

    def _particles(self, truth: Truth, simulated: Path) -> Particles:
        if self.particles is None:
            return particles_of_truth(truth)
        return tables.read_particles(self.particles, truth, simulated)


def acts_event(folder: Path, name: str, *, detectors: Path | None = None) -> ActsFiles:
    """The files of an event that are there.

    Args:
        folder: Where the files are.
        name: What their names begin with.
        detectors: The modules with their pitches; `None` looks beside the files and
            one folder above.

    Raises:
        BadFileError: If there are no measurements, a file is there twice, or one of
            the two files of truth is there without the other.
    """
    measurements = one_of(folder, f"{name}-measurements")
    if measurements is None:
        raise BadFileError(
            f"'{folder}' must have '{name}-measurements.csv'. Received: no such file. "
            "Check the name of the event."
        )
    simulated = one_of(folder, f"{name}-hits")
    links = one_of(folder, f"{name}-measurement-simhit-map")
    if (simulated is None) != (links is None):
        there, gone = "hits", "measurement-simhit-map"
        if simulated is None:
            there, gone = gone, there
        raise BadFileError(
            f"'{folder}' must have '{name}-{gone}.csv' beside '{name}-{there}.csv'. "
            "Received: no such file. Write both with ACTS, or take the one away to go "
            "without truth."
        )
    found = [one_of(folder, f"{name}-{part}") for part in _PARTICLES]
    near = tables_near(folder)
    return ActsFiles(
        name,
        measurements,
        simulated=simulated,
        links=links,
        particles=next((path for path in found if path), None),
        cells=one_of(folder, f"{name}-cells"),
        geometry=near or detectors,
        detectors=detectors or near,
    )


def acts_names(folder: Path) -> list[str]:
    """Names of the events that have measurements in a folder, sorted."""
    found = (event_name(path.name) for path in folder.iterdir())
    return sorted({name for name in found if name is not None})


def event_name(file_name: str) -> str | None:
    """Name of the event of a file of measurements, or `None` for any other file."""
    match = _MEASUREMENTS.fullmatch(file_name)
    return match["stem"] if match else None
