"""Tracks to ask a foreign network about: plausible ones, or those of a file.

The built-in ranges hold nearly all tracks of a silicon tracker at a hadron collider;
they are meant to tell a dead input from a live one, not to describe a detector.
"""

from __future__ import annotations

import dataclasses
import functools
import warnings
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.data.features import CATEGORY_BRANCH, FEATURE_NAMES, FEATURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.data.tracks import Tracks

_SEED = 29
_ROWS = 512
_STEPS = 17
_SAMPLE = 2048
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
_USUAL_CODES = (4.0, 5.0, 7.0, 9.0, 22.0)
# Every code that a category may have, and some that it has not.
CODES = np.arange(-1, 64, dtype=np.float32)
_SIGNED = ("dxyClosestPV", "dzClosestPV", "dxy", "dz")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reference:
    """Rows to ask about and, for each column, values to try in their place.

    Args:
        names: Name of each column.
        rows: Float32 array of shape `(rows, columns)`.
        values: For each column a float32 array over its range, ascending.
        scales: For each column `"logarithmic"`, `"linear"`, `"whole"` or `"code"`.
        sample: More such rows, to count how many lie beyond some end.
        origin: Where they come from, for people.
    """

    names: tuple[str, ...]
    rows: NDArray[np.float32]
    values: tuple[NDArray[np.float32], ...]
    scales: tuple[str, ...]
    sample: NDArray[np.float32]
    origin: str

    @functools.cached_property
    def widths(self) -> NDArray[np.float64]:
        """One standard deviation of each column, of ln|x| for a logarithmic one."""
        return np.array([self._width(column) for column in range(len(self.names))])

    def _width(self, column: int) -> float:
        x = self.rows[:, column].astype(np.float64)
        if self.scales[column] == "logarithmic":
            x = np.log(np.abs(x[x != 0]))
        return float(x.std()) if len(x) else 0.0

    def head(self, count: int) -> Reference:
        """The same with the first rows only."""
        origin = f"the first {count} rows of {self.origin}"
        return dataclasses.replace(
            self, rows=self.rows[:count], sample=self.sample[:count], origin=origin
        )

    def columns(self, count: int) -> Reference:
        """The same without the columns behind the first ones."""
        return dataclasses.replace(
            self,
            names=self.names[:count],
            rows=self.rows[:, :count],
            values=self.values[:count],
            scales=self.scales[:count],
            sample=self.sample[:, :count],
        )


def built_in() -> Reference:
    """512 generated tracks whose momenta, angles and hits fit together."""
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
    table = [*(columns[n] for n in FEATURE_NAMES), rng.choice(_USUAL_CODES, _ROWS)]
    rows = np.stack(table, axis=1).astype(np.float32)
    values = (*(_steps(name) for name in FEATURE_NAMES), CODES)
    return _of_classifier(rows, values, rows, "generated plausible tracks")


def of_tracks(tracks: Tracks, name: str) -> Reference:
    """Up to 512 tracks of a file, and the ranges that 99 % of its tracks lie in.

    Where these 99 % have one value only, the range is that of all tracks.

    Args:
        tracks: The tracks of the file, at least one.
        name: Name of the file.
    """
    rng = np.random.default_rng(_SEED)
    order = rng.permutation(len(tracks))[:_SAMPLE]
    finite = np.where(np.isfinite(tracks.features), tracks.features, np.nan)
    quantiles = np.linspace(*_QUANTILES, _STEPS)
    with warnings.catch_warnings():
        # A column may hold no finite value at all.
        warnings.simplefilter("ignore", RuntimeWarning)
        values = np.nan_to_num(np.nanquantile(finite, quantiles, axis=0).T)
        low, high = np.nanmin(finite, axis=0), np.nanmax(finite, axis=0)
    ends = np.nan_to_num(low), np.nan_to_num(high)
    narrow = np.ptp(values, axis=1) == 0
    values[narrow] = np.linspace(*ends, _STEPS).T[narrow]
    features = np.nan_to_num(tracks.features[order], posinf=0.0, neginf=0.0)
    sample = np.column_stack([features, tracks.category[order]]).astype(np.float32)
    rows = sample[:_ROWS]
    return _of_classifier(
        rows,
        (*values.astype(np.float32), CODES),
        sample,
        f"{len(rows)} of {len(tracks):,} tracks of {name}",
    )


def of_columns(names: tuple[str, ...]) -> Reference:
    """512 rows of a graph of which nothing is known: each column from -3 to 3.

    Args:
        names: Name of each column.
    """
    rng = np.random.default_rng(_SEED)
    rows = rng.normal(0.0, 1.0, (_ROWS, len(names))).astype(np.float32)
    steps = np.linspace(-3.0, 3.0, _STEPS, dtype=np.float32)
    return Reference(
        names=names,
        rows=rows,
        values=(steps,) * len(names),
        scales=("linear",) * len(names),
        sample=rows,
        origin="random rows, each column normal with mean 0 and width 1",
    )


def _of_classifier(
    rows: NDArray[np.float32],
    values: tuple[NDArray[np.float32], ...],
    sample: NDArray[np.float32],
    origin: str,
) -> Reference:
    return Reference(
        names=(*FEATURE_NAMES, CATEGORY_BRANCH),
        rows=rows,
        values=values,
        scales=(*map(_scale, FEATURE_NAMES), "code"),
        sample=sample,
        origin=origin,
    )


def _scale(name: str) -> str:
    if FEATURES[FEATURE_NAMES.index(name)].whole:
        return "whole"
    return "logarithmic" if _is_logarithmic(name) else "linear"


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
