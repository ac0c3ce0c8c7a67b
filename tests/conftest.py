"""Synthetic tracks and small trackingNtuple files for all tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import awkward as ak
import numpy as np
import pytest
import uproot

from trackdnn.data.features import FEATURES
from trackdnn.data.tracks import Tracks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

ALGORITHMS = (4, 22, 23, 5, 24, 7)


def make_columns(count: int, seed: int = 1) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Branches of `count` plausible tracks, and whether each is true (about 60 %)."""
    rng = np.random.default_rng([seed, 1])
    true = rng.random(count) < 0.6
    pt = 0.3 + rng.exponential(np.where(true, 1.5, 0.8), count)
    eta = rng.uniform(-2.5, 2.5, count)
    phi = rng.uniform(-np.pi, np.pi, count)
    width = np.where(true, 0.02, 0.3)
    columns = {"trk_pt": pt, "trk_eta": eta, "trk_phi": phi}
    for where, loss in (("inner", 1.0), ("outer", 0.97)):
        columns[f"trk_{where}_px"] = loss * pt * np.cos(phi)
        columns[f"trk_{where}_py"] = loss * pt * np.sin(phi)
        columns[f"trk_{where}_pz"] = loss * pt * np.sinh(eta)
        columns[f"trk_{where}_pt"] = loss * pt
    columns |= {
        "trk_dxy": rng.normal(0.0, width),
        "trk_dz": rng.normal(0.0, 4.0, count),
        "trk_dxyClosestPV": rng.normal(0.0, width),
        "trk_dzClosestPV": rng.normal(0.0, 3.0 * width),
    }
    scales = {"pt": 0.02 * pt, "eta": 1e-3, "phi": 1e-3, "dxy": 5e-3, "dz": 1e-2}
    for name, scale in scales.items():
        spread = rng.lognormal(np.where(true, 0.0, 0.5), 0.5)
        columns[f"trk_{name}Err"] = scale * spread
    columns["trk_nChi2"] = rng.gamma(np.where(true, 4.0, 5.0), 0.25)
    means = {"nPixel": 4.0, "nStrip": 10.0, "nInnerLost": 0.1, "nOuterLost": 0.5}
    means |= {"nInnerInactive": 0.1, "nOuterInactive": 0.2, "nLostLay": 0.2}
    for name, mean in means.items():
        lost = np.where(true, mean, 3.0 * mean)
        found = np.where(true, mean, 0.7 * mean)
        columns[f"trk_{name}"] = rng.poisson(
            found if name in ("nPixel", "nStrip") else lost
        ).astype("u4")
    hits = columns["trk_nPixel"] + columns["trk_nStrip"]
    columns["trk_ndof"] = np.maximum(2.0 * hits - 5.0, 1.0)
    columns["trk_originalAlgo"] = rng.choice(ALGORITHMS, count).astype("u4")
    columns["trk_algo"] = columns["trk_originalAlgo"].copy()
    columns["trk_mva"] = np.clip(rng.normal(np.where(true, 0.6, -0.2), 0.4), -1, 1)
    columns = {
        name: column.astype("f4") if column.dtype.kind == "f" else column
        for name, column in columns.items()
    }
    return columns, true


def make_tracks(
    count: int, seed: int = 1, *, tracks_per_event: int = 30, label: bool = True
) -> Tracks:
    """Tracks in memory whose two classes overlap, but can be told apart."""
    columns, true = make_columns(count, seed)
    event = np.arange(count, dtype="u8") // np.uint64(tracks_per_event)
    vertices = np.random.default_rng([seed, 2]).poisson(30, int(count) + 1)
    return Tracks(
        features=np.stack(
            [columns[feature.branch].astype("f4") for feature in FEATURES], axis=1
        ),
        category=columns["trk_originalAlgo"].astype("i4"),
        label=true if label else None,
        event=event,
        sample=np.zeros(count, "i2"),
        extras={
            "trk_mva": columns["trk_mva"],
            "n_vertices": vertices[event.astype("i8")].astype("f4"),
        },
    )


def write_ntuple(
    path: Path,
    *,
    events: int = 20,
    seed: int = 1,
    tracks_per_event: int = 30,
    counts: Iterable[int] | None = None,
    label: Iterable[str] | str = "trk_isTrue",
    drop: Iterable[str] = (),
    replace: Mapping[str, Any] | None = None,
    tree: str = "trackingNtuple/tree",
    compression: Any = None,
) -> Path:
    """Writes a trackingNtuple with uproot (arrays with counters).

    Args:
        path: File to write; its folder must exist.
        events: Number of events.
        seed: Seed of all values.
        tracks_per_event: Mean number of tracks per event.
        counts: Tracks of each event, in place of `events` and `tracks_per_event`.
        label: Label branches to write, of `trk_isTrue`, `trk_simTrkIdx` (with
            `trk_nSimTrk`) and `trk_bestSimTrkIdx`.
        drop: Branches, or prefixes of branches that end with `*`, to leave out.
        replace: New content of track branches: an array with one entry per track (or
            one number for all of them), or a function of the old array; or a whole
            new branch of any name as an awkward array with one entry per event.
        tree: Path of the tree in the file.
        compression: As uproot takes it.
    """
    rng = np.random.default_rng([seed, 3])
    sizes = rng.poisson(tracks_per_event, events) if counts is None else counts
    sizes = np.asarray(list(sizes), dtype="i8")
    columns, true = make_columns(int(sizes.sum()), seed)
    columns |= _label_branches([label] if isinstance(label, str) else label, true)
    content: dict[str, Any] = _event_branches(rng, len(sizes))
    for name, change in (replace or {}).items():
        if isinstance(change, ak.Array):
            columns.pop(name, None)
            content[name] = change
        elif callable(change):
            columns[name] = change(columns[name])
        else:
            kind = columns[name].dtype if name in columns else np.float32
            new = np.asarray(change)
            new = new if new.ndim else np.full(len(true), new, kind)
            columns[name] = new
    if "trk_nSimTrk" in columns:
        content.setdefault("trk_simTrkIdx", _flat_matches(sizes, true))
    gone = _matcher(drop)
    columns = {name: value for name, value in columns.items() if not gone(name)}
    content = {name: value for name, value in content.items() if not gone(name)}
    if columns:
        content["trk"] = ak.zip(
            {k.removeprefix("trk_"): ak.unflatten(v, sizes) for k, v in columns.items()}
        )
    extra = {} if compression is None else {"compression": compression}
    with uproot.recreate(path, **extra) as file:
        file.mktree(
            tree,
            {name: ak.type(ak.Array(v[:0])).content for name, v in content.items()},
        ).extend(content)
    return path


def _matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    exact = {pattern for pattern in patterns if not pattern.endswith("*")}
    starts = tuple(p.removesuffix("*") for p in patterns if p.endswith("*"))
    return lambda name: name in exact or (bool(starts) and name.startswith(starts))


def _label_branches(names: Iterable[str], true: np.ndarray) -> dict[str, np.ndarray]:
    known = {
        "trk_isTrue": {"trk_isTrue": true.astype("i2")},
        "trk_bestSimTrkIdx": {"trk_bestSimTrkIdx": np.where(true, 3, -1).astype("i4")},
        "trk_simTrkIdx": {"trk_nSimTrk": true.astype("u4")},
    }
    found: dict[str, np.ndarray] = {}
    for name in names:
        found |= known[name]
    return found


def _flat_matches(sizes: np.ndarray, true: np.ndarray) -> ak.Array:
    per_event = ak.sum(ak.unflatten(true, sizes), axis=1)
    return ak.unflatten(np.zeros(int(true.sum()), "i4"), ak.to_numpy(per_event))


def _event_branches(rng: np.random.Generator, events: int) -> dict[str, Any]:
    vertices = rng.poisson(5, events)
    total = int(vertices.sum())
    return {
        "event": np.arange(1, events + 1, dtype="u8"),
        "lumi": np.ones(events, "u4"),
        "run": np.ones(events, "u4"),
        "vtx": ak.zip(
            {
                "z": ak.unflatten(rng.normal(0, 4, total).astype("f4"), vertices),
                "fake": ak.unflatten(np.zeros(total, "i2"), vertices),
                "valid": ak.unflatten(np.ones(total, "i2"), vertices),
            }
        ),
    }


@pytest.fixture(scope="session")
def tracks_factory() -> Callable[..., Tracks]:
    """`make_tracks(count, seed=1, *, tracks_per_event=30, label=True)`."""
    return make_tracks


@pytest.fixture
def ntuple_factory(tmp_path: Path) -> Callable[..., Path]:
    """`write_ntuple(name, **options)`, writing below the test's own folder."""

    def write(name: str = "tracks.root", **options: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_ntuple(path, **options)

    return write
