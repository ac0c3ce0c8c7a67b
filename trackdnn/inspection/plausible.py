"""Tracks to ask a foreign network about: plausible ones, or those of a file.

The built-in ranges hold nearly all tracks of a silicon tracker at a hadron collider;
they are meant to tell a dead input from a live one, not to describe a detector.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.data.features import FEATURE_NAMES, FEATURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.data.tracks import Tracks

_SEED = 29
_ROWS = 128
_STEPS = 9
_QUANTILES = (0.005, 0.995)

# Sizes in GeV, cm, rad; signs come on top where an input has one.
_RANGES: dict[str, tuple[float, float]] = {
    "trk_pt": (0.3, 50.0),
    **{f"{w}_{p}": (0.02, 50.0) for w in ("inner", "outer") for p in ("px", "py")},
    "inner_pz": (0.02, 150.0),
    "outer_pz": (0.02, 150.0),
    "inner_pt": (0.3, 50.0),
    "outer_pt": (0.3, 50.0),
    "ptErr": (2e-3, 2.0),
    "dxyClosestPV": (1e-3, 2.0),
    "dzClosestPV": (1e-3, 2.0),
    "dxy": (1e-3, 2.0),
    "dz": (1e-2, 12.0),
    "dxyErr": (1e-3, 0.2),
    "dzErr": (1e-3, 0.5),
    "nChi2": (0.2, 4.0),
    "eta": (-2.5, 2.5),
    "phi": (-np.pi, np.pi),
    "etaErr": (2e-4, 3e-2),
    "phiErr": (2e-4, 3e-2),
    "nPixel": (0.0, 5.0),
    "nStrip": (0.0, 22.0),
    "ndof": (3.0, 45.0),
    "nInnerLost": (0.0, 3.0),
    "nOuterLost": (0.0, 6.0),
    "nInnerInactive": (0.0, 3.0),
    "nOuterInactive": (0.0, 4.0),
    "nLostLay": (0.0, 3.0),
}
_SIGNED = ("dxyClosestPV", "dzClosestPV", "dxy", "dz")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reference:
    """Tracks and, for each input, values to try in their place.

    Args:
        features: Float32 array of shape `(tracks, 29)`.
        category: Float32 array of shape `(tracks, 1)`.
        values: Float32 array of shape `(29, steps)`, over the range of each input.
        origin: Where they come from, for people.
    """

    features: NDArray[np.float32]
    category: NDArray[np.float32]
    values: NDArray[np.float32]
    origin: str


def built_in() -> Reference:
    """128 generated tracks whose momenta, angles and hits fit together."""
    rng = np.random.default_rng(_SEED)
    columns = {name: _draw(rng, name) for name in FEATURE_NAMES}
    pt, eta, phi = columns["trk_pt"], columns["eta"], columns["phi"]
    for where in ("inner", "outer"):
        here = pt * rng.normal(1.0, 0.01, _ROWS)
        angle = phi + rng.normal(0.0, 0.05, _ROWS)
        columns[f"{where}_pt"] = here
        columns[f"{where}_px"] = here * np.cos(angle)
        columns[f"{where}_py"] = here * np.sin(angle)
        columns[f"{where}_pz"] = here * np.sinh(eta)
    columns["ndof"] = np.maximum(2 * columns["nPixel"] + columns["nStrip"] - 5, 1)
    features = np.stack([columns[name] for name in FEATURE_NAMES], axis=1)
    return Reference(
        features=features.astype(np.float32),
        category=rng.choice([4.0, 5, 7, 9, 22], (_ROWS, 1)).astype(np.float32),
        values=np.stack([_steps(name) for name in FEATURE_NAMES]),
        origin="generated plausible tracks",
    )


def of_tracks(tracks: Tracks, name: str) -> Reference:
    """Up to 128 tracks of a file, and the ranges that 99 % of its tracks lie in.

    Args:
        tracks: The tracks of the file, at least one.
        name: Name of the file.
    """
    rng = np.random.default_rng(_SEED)
    rows = rng.permutation(len(tracks))[:_ROWS]
    finite = np.where(np.isfinite(tracks.features), tracks.features, np.nan)
    quantiles = np.linspace(*_QUANTILES, _STEPS)
    values = np.nan_to_num(np.nanquantile(finite, quantiles, axis=0).T)
    features = np.nan_to_num(tracks.features[rows], posinf=0.0, neginf=0.0)
    return Reference(
        features=features,
        category=tracks.category[rows, None].astype(np.float32),
        values=values.astype(np.float32),
        origin=f"{len(rows)} tracks of {name}",
    )


def _draw(rng: np.random.Generator, name: str) -> NDArray[np.float64]:
    """Random values of one input, independent of the others."""
    low, high = _RANGES[name]
    if _is_logarithmic(name):
        values = np.exp(rng.uniform(np.log(low), np.log(high), _ROWS))
    else:
        values = rng.uniform(low, high, _ROWS)
    if name in _SIGNED:
        values = values * rng.choice([-1.0, 1.0], _ROWS)
    if FEATURES[FEATURE_NAMES.index(name)].whole:
        values = np.rint(values)
    return np.asarray(values, np.float64)


def _steps(name: str) -> NDArray[np.float32]:
    low, high = _RANGES[name]
    space = np.geomspace if _is_logarithmic(name) else np.linspace
    return space(low, high, _STEPS).astype(np.float32)


def _is_logarithmic(name: str) -> bool:
    return FEATURES[FEATURE_NAMES.index(name)].transform == "absolute_log1p"
