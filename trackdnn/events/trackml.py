"""Events of the TrackML challenge, from CSV files, plain or gzip.

An event has files `<name>-hits.csv` and perhaps `-cells`, `-particles` and `-truth`;
`detectors.csv` stands beside them or one folder above. What is not there is not known:

* without truth, or without cells or detectors, the event has none of them;
* without particles, they come from the truth: momentum at the hit nearest the origin,
  no vertex, no charge.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from trackdnn.errors import BadFileError
from trackdnn.events import trackml_tables as tables
from trackdnn.events.cells_of_csv import read_clusters
from trackdnn.events.event import Event, count_hits
from trackdnn.events.places import one_of, tables_near

if TYPE_CHECKING:
    from pathlib import Path

PARTS = ("cells", "particles", "truth")
_HITS = re.compile(r"(?P<stem>.+)-hits\.csv(\.gz)?", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class TrackmlFiles:
    """The files of one event; a source of events.

    Args:
        name: Name of the event, such as `event000001000`.
        hits: Its hits.
        cells: Its cells, or `None`.
        particles: Its particles, or `None`.
        truth: Who made its hits, or `None`.
        detectors: The modules of the detector, or `None`.
    """

    name: str
    hits: Path
    cells: Path | None = None
    particles: Path | None = None
    truth: Path | None = None
    detectors: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """Those of them that are there."""
        parts = (self.hits, self.cells, self.particles, self.truth, self.detectors)
        return tuple(path for path in parts if path is not None)

    def load(self) -> Event:
        """Reads the event.

        Raises:
            BadFileError: If a file is missing, damaged or malformed.
        """
        hits = tables.read_hits(self.hits)
        clusters = None
        if self.cells is not None and self.detectors is not None:
            clusters = read_clusters(self.cells, self.detectors, hits)
        if self.truth is None:
            return Event(name=self.name, hits=hits, clusters=clusters)
        truth = tables.read_truth(self.truth, hits)
        if self.particles is None:
            particles = tables.particles_of_truth(truth)
        else:
            particles = tables.read_particles(self.particles, truth, self.truth)
        event = Event(
            name=self.name,
            hits=hits,
            clusters=clusters,
            truth=truth,
            particles=particles,
        )
        return dataclasses.replace(event, particles=count_hits(particles, event))


def trackml_event(
    folder: Path, name: str, *, detectors: Path | None = None
) -> TrackmlFiles:
    """The files of an event that are there.

    Args:
        folder: Where the files are.
        name: What their names begin with.
        detectors: The modules; `None` looks beside the files and one folder above.

    Raises:
        BadFileError: If there are no hits, or a file is there twice.
    """
    hits = one_of(folder, f"{name}-hits")
    if hits is None:
        raise BadFileError(
            f"'{folder}' must have '{name}-hits.csv' or '{name}-hits.csv.gz'. "
            "Received: neither. Check the name of the event."
        )
    parts = {part: one_of(folder, f"{name}-{part}") for part in PARTS}
    return TrackmlFiles(name, hits, **parts, detectors=detectors or tables_near(folder))


def trackml_names(folder: Path) -> list[str]:
    """Names of the events that have hits in a folder, sorted."""
    found = (event_name(path.name) for path in folder.iterdir())
    return sorted({name for name in found if name is not None})


def event_name(file_name: str) -> str | None:
    """Name of the event of a hits file, or `None` for any other file."""
    match = _HITS.fullmatch(file_name)
    return match["stem"] if match else None
