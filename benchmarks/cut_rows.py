"""The rows on which `benchmarks.cut_safety` looks for tracks that cross a cut."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.progress import Progress

from export import cut_safety
from export.parity import Probe, Runtime
from trackdnn.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from export.cut_safety import Cuts
    from network.inputs import InputSpec
    from trackdnn.data.tracks import Tracks

SEED = 20_261


@dataclasses.dataclass(frozen=True)
class Rows:
    """What is looked at.

    Args:
        probe: The rows, mixed.
        groups: Int8 array of shape `(rows,)`, where each comes from.
        names: Names of the groups, by their numbers.
    """

    probe: Probe
    groups: NDArray[np.int8]
    names: tuple[str, ...]


def rows_of(
    spec: InputSpec,
    reference: Runtime,
    points: Mapping[str, Cuts],
    rows: int,
    data: Probe | None = None,
) -> Rows:
    """Tracks, drawn rows and rows searched between either, mixed.

    Args:
        spec: Ranges of the inputs.
        reference: The network as Keras runs it.
        points: The working points.
        rows: How many in all, about.
        data: Tracks, of which a third of `rows` are taken.
    """
    rng, third = np.random.default_rng(SEED), rows // 3
    pools = {} if data is None else {"tracks": first(data, third)}
    taken = sum(len(pool) for pool in pools.values())
    pools["drawn"] = cut_safety.drawn_rows(spec, rows - third - taken, rng)
    parts = dict(pools)
    for name, pool in pools.items():
        found = cut_safety.searched_rows(
            reference, pool, points, third // len(pools), rng
        )
        shown = list(_shown(found, third // len(pools), f"searching between {name}"))
        if shown:
            parts[f"near cuts, between {name}"] = _joined(shown)
    every = _joined(list(parts.values()))
    groups = np.repeat(
        np.arange(len(parts), dtype=np.int8), [len(part) for part in parts.values()]
    )
    order = rng.permutation(len(every))
    mixed = Probe(every.features[order], every.category[order])
    return Rows(mixed, groups[order], tuple(parts))


def first(probe: Probe, rows: int) -> Probe:
    """The first rows of a probe."""
    return Probe(probe.features[:rows], probe.category[:rows])


def tracks_of(data: Sequence[str], spec: InputSpec, most: int) -> Probe | None:
    """Tracks of a prepared dataset, or of ROOT files; none if none are named.

    Args:
        data: The folder of a dataset, or files.
        spec: The inputs that the network takes.
        most: How many tracks.
    """
    if not data:
        return None
    from trackdnn.data.features import FEATURE_NAMES
    from trackdnn.data.prepared.dataset import open_dataset
    from trackdnn.data.prepared.manifest import is_prepared

    strange = [name for name in spec.names if name not in FEATURE_NAMES]
    if strange:
        raise InputError(
            "--data must go with a network that takes inputs of the track classifier. "
            f"Received: the input '{strange[0]}'"
        )
    tracks: Tracks | None = None
    if is_prepared(Path(data[0])):
        part = open_dataset(Path(data[0])).part("train")
        tracks = None if part is None else part.tracks(most=most)
    else:
        tracks = _read(data)
    if tracks is None:
        raise InputError(f"--data must hold tracks. Received: {' '.join(data)}")
    chosen = np.random.default_rng(SEED).permutation(len(tracks.features))[:most]
    columns = [FEATURE_NAMES.index(name) for name in spec.names]
    category = tracks.category[chosen].astype(np.float32).reshape(-1, 1)
    return Probe(np.ascontiguousarray(tracks.features[chosen][:, columns]), category)


def _read(files: Sequence[str]) -> Tracks:
    from trackdnn.data.reader import read_tracks
    from trackdnn.settings import DataSettings, Sample

    sample = Sample(files=tuple(files))
    return read_tracks([sample], DataSettings(), need_label=False)[0]


def _joined(parts: Sequence[Probe]) -> Probe:
    return Probe(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.category for part in parts]),
    )


def bar() -> Progress:
    """A progress bar on stderr, where that is a terminal."""
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)


def _shown(parts: Iterator[Probe], total: int, what: str) -> Iterator[Probe]:
    with bar() as shown:
        task = shown.add_task(what, total=total)
        for part in parts:
            shown.advance(task, len(part))
            yield part
