"""Efficiency and fakes against a property of the track, at a fixed cut."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.evaluation import intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.data.tracks import Tracks
    from trackdnn.evaluation.intervals import Fractions

# Edges of the pT bins in GeV: the steps of a logarithmic axis, finer where tracks are.
_PT_EDGES = (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20, 50, 100, 1000)
_DXY_EDGES = (1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)
_ETA_BINS = 20
_PHI_BINS = 16
_VERTEX_BINS = 12


@dataclasses.dataclass(frozen=True, kw_only=True)
class Variable:
    """A property of the track and its bins.

    Args:
        name: Short name, used for files and in `evaluation.json`.
        title: Label of the axis, with the unit.
        values: Float array of shape `(tracks,)`.
        edges: Float64 array of shape `(bins + 1,)`, rising; the last bin is closed.
        logarithmic: Whether the axis is logarithmic.
    """

    name: str
    title: str
    values: NDArray[np.floating]
    edges: NDArray[np.float64]
    logarithmic: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Profile:
    """What a cut does in each bin of one variable.

    Args:
        efficiency: True tracks that pass, of the true tracks of the bin.
        fake_acceptance: Fake tracks that pass, of the fake tracks of the bin.
        fake_rate: Fake tracks, of the tracks of the bin that pass.
        fake_rate_before: Fake tracks, of all tracks of the bin.
        outside: Tracks in no bin: outside the edges, or not a number.
    """

    efficiency: Fractions
    fake_acceptance: Fractions
    fake_rate: Fractions
    fake_rate_before: Fractions
    outside: int

    def to_dict(self) -> dict[str, Any]:
        """The profile as plain lists and numbers."""
        return {
            "efficiency": self.efficiency.to_list(),
            "fake_acceptance": self.fake_acceptance.to_list(),
            "fake_rate": self.fake_rate.to_list(),
            "fake_rate_before": self.fake_rate_before.to_list(),
            "outside": self.outside,
        }


def variables(tracks: Tracks) -> list[Variable]:
    """The variables of the profile plots that the tracks can fill.

    Returns:
        pT, eta, phi, |dxy|, and the number of vertices if it is among the extras.
    """
    pt, eta = _column(tracks, "trk_pt"), _column(tracks, "eta")
    phi, dxy = _column(tracks, "phi"), np.abs(_column(tracks, "dxy"))
    # A logarithmic axis has no zero: the first bin takes what is smaller.
    dxy = np.maximum(dxy, np.float32(_DXY_EDGES[0] * 1.001))
    found = [
        Variable(
            name="pt",
            title="Track $p_T$ [GeV]",
            values=pt,
            edges=_filled(pt, _PT_EDGES),
            logarithmic=True,
        ),
        Variable(name="eta", title=r"Track $\eta$", values=eta, edges=_eta_edges(eta)),
        Variable(
            name="phi",
            title=r"Track $\phi$ [rad]",
            values=phi,
            edges=np.linspace(-np.pi, np.pi, _PHI_BINS + 1),
        ),
        Variable(
            name="dxy",
            title=r"Track $|d_{xy}|$ [cm]",
            values=dxy,
            edges=_filled(dxy, _DXY_EDGES),
            logarithmic=True,
        ),
    ]
    if "n_vertices" in tracks.extras:
        vertices = tracks.extras["n_vertices"]
        found.append(
            Variable(
                name="n_vertices",
                title="Number of reconstructed vertices",
                values=vertices,
                edges=_vertex_edges(vertices),
            )
        )
    return found


def profile(
    variable: Variable,
    label: NDArray[np.bool_],
    passed: NDArray[np.bool_],
    confidence: float,
) -> Profile:
    """Counts and Clopper-Pearson intervals per bin.

    Args:
        variable: Values and edges.
        label: Bool array of shape `(tracks,)`.
        passed: Bool array of shape `(tracks,)`, the tracks that pass the cut.
        confidence: Central probability of the intervals.
    """
    edges, bins = variable.edges, len(variable.edges) - 1
    which = bin_index(variable.values, edges)
    inside = which >= 0

    def count(rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(which[rows & inside], minlength=bins)

    true, fake = count(label), count(~label)
    true_passed, fake_passed = count(label & passed), count(~label & passed)
    return Profile(
        efficiency=intervals.fractions(true_passed, true, confidence),
        fake_acceptance=intervals.fractions(fake_passed, fake, confidence),
        fake_rate=intervals.fractions(
            fake_passed, true_passed + fake_passed, confidence
        ),
        fake_rate_before=intervals.fractions(fake, true + fake, confidence),
        outside=int(np.count_nonzero(~inside)),
    )


def bin_index(
    values: NDArray[np.floating], edges: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Bin of each value, int64 of shape `(tracks,)`; -1 outside and for NaN."""
    bins = len(edges) - 1
    which = np.searchsorted(edges, values, side="right") - 1
    which = np.where(values == edges[-1], bins - 1, which)
    # NaN sorts behind everything, so it lands in the bin above the last.
    return np.where(which < bins, which, -1)


def _column(tracks: Tracks, name: str) -> NDArray[np.float32]:
    return tracks.features[:, FEATURE_NAMES.index(name)]


def _filled(
    values: NDArray[np.floating], edges: tuple[float, ...]
) -> NDArray[np.float64]:
    """The edges without the empty bins at both ends."""
    every = np.array(edges, np.float64)
    which = bin_index(values, every)
    which = which[which >= 0]
    if not len(which):
        return every
    return every[which.min() : which.max() + 2]


def _eta_edges(eta: NDArray[np.floating]) -> NDArray[np.float64]:
    finite = np.abs(eta[np.isfinite(eta)])
    end = np.ceil(2 * float(finite.max(initial=0.5))) / 2
    end = float(np.clip(end, 0.5, 4.5))
    return np.linspace(-end, end, _ETA_BINS + 1)


def _vertex_edges(vertices: NDArray[np.floating]) -> NDArray[np.float64]:
    """Edges between whole numbers, over the numbers that occur."""
    finite = vertices[np.isfinite(vertices)]
    low, high = finite.min(initial=np.inf), finite.max(initial=-np.inf)
    if low > high:
        return np.array([-0.5, 0.5])
    step = max(1, int(np.ceil((high - low + 1) / _VERTEX_BINS)))
    count = int(np.ceil((high - low + 1) / step))
    return np.asarray(low - 0.5 + step * np.arange(count + 1), np.float64)
