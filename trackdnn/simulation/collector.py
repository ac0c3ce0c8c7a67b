"""A finished event as the columns of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.simulation import kinematics, layers, truth, vertices
from trackdnn.simulation.detector import BEAM_SPOT_MM
from trackdnn.simulation.kinematics import CM_PER_MM

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Bool, Columns, Int
    from trackdnn.simulation.event import EventState

# Particles with fewer measurements are written only if a track points at them.
_MIN_SIM_HITS = 3
# A track that may make a vertex: near the beam, from the pixels, well measured (cm).
_MAX_SIGNIFICANCE = 5.0
_MIN_PIXEL = 3
_MAX_DZ_ERROR = 0.1
_BEAM_SIGMA_Z = BEAM_SPOT_MM[2] * CM_PER_MM


@dataclass(frozen=True)
class Reconstruction:
    """What is known of the tracks of an event without the truth.

    Attributes:
        tracks: Columns of shape `(tracks,)`, named as the branches without `trk_`.
        vertices: The vertices that the impact parameters refer to.
    """

    tracks: Columns
    vertices: vertices.Vertices


def reconstruct(state: EventState) -> Reconstruction:
    """Put the passes together, find the vertices, measure the tracks against them.

    Args:
        state: The event after its last pass.

    Returns:
        Columns of shape `(tracks,)`, and the vertices.
    """
    tracks: Columns = {
        name: np.concatenate([part[name] for part in state.columns])
        for name in state.columns[0]
    }
    found = vertices.find_vertices(_prompt(tracks))
    tracks |= _impacts(tracks, found)
    tracks["originalAlgo"] = tracks["algo"]
    return Reconstruction(tracks, found)


def collect(state: EventState) -> Columns:
    """Columns of one event, named as the branches.

    Args:
        state: The event after its last pass.

    Returns:
        Scalars of shape `(1,)` and columns of shape `(tracks,)`, `(particles,)`, …
    """
    seen = reconstruct(state)
    counts = np.array([len(hits) for hits in state.hits], dtype=np.int64)
    flat = np.concatenate([np.zeros(0, dtype=np.int64), *state.hits])
    match = truth.match_tracks(state.owner[flat], counts)
    written = _written_particles(state, match)
    # The last entry answers for particle -1: none.
    number = np.append(np.cumsum(written) - 1, -1)
    best = number[match.particle]
    tracks = seen.tracks | {
        "algoMask": np.array(state.kept.masks, dtype=np.uint64),
        "stopReason": np.zeros(len(counts)),
        "isTrue": match.is_true,
        "bestSimTrkIdx": best,
        "bestSimTrkShareFrac": match.share,
        "nSimTrk": match.is_true,
        "nShared": truth.count_shared(flat, counts),
    }
    columns = {f"trk_{name}": values for name, values in tracks.items()}
    columns["trk_simTrkIdx"] = best[match.is_true]
    columns |= _vertex_columns(seen.vertices)
    columns |= _particle_columns(state, np.flatnonzero(written))
    return columns | _event_columns(state)


def _written_particles(state: EventState, match: truth.Match) -> Bool:
    """Particles with enough measurements, or with a track."""
    owner = state.owner[state.measured]
    hits = np.bincount(owner[owner >= 0], minlength=len(state.particles.pt))
    written = hits >= _MIN_SIM_HITS
    written[match.particle[match.particle >= 0]] = True
    return written


def _prompt(tracks: Columns) -> Columns:
    """Good tracks from the beam line: they make the vertices."""
    near = np.abs(tracks["dxy"]) < _MAX_SIGNIFICANCE * tracks["dxyErr"]
    near &= (tracks["nPixel"] >= _MIN_PIXEL) & (tracks["dzErr"] < _MAX_DZ_ERROR)
    near &= tracks["isHP"]
    names = ("dxy", "dz", "dxyErr", "dzErr", "phi", "pt")
    return {name: tracks[name][near] for name in names}


def _impacts(tracks: Columns, found: vertices.Vertices) -> Columns:
    """Impact parameters to the first and to the closest vertex."""
    first = found.position[0] if len(found.position) else np.zeros(3)
    closest = kinematics.closest_vertex(tracks, found.position)
    dxy_first, dz_first = kinematics.impact(tracks, first)
    dxy_closest, dz_closest = kinematics.impact(tracks, closest)
    return {
        "dxyPV": dxy_first,
        "dzPV": dz_first,
        "dxyClosestPV": dxy_closest,
        "dzClosestPV": dz_closest,
    }


def _vertex_columns(found: vertices.Vertices) -> Columns:
    """Reconstructed vertices; without any, the beam spot as a fake one, as in CMS."""
    count = len(found.position)
    if not count:
        found = vertices.beam_spot(_BEAM_SIGMA_Z)
    columns: Columns = {"vtx_chi2": found.chi2, "vtx_ndof": found.ndof}
    for axis, name in enumerate("xyz"):
        columns[f"vtx_{name}"] = found.position[:, axis]
        columns[f"vtx_{name}Err"] = found.error[:, axis]
    size = len(found.position)
    columns["vtx_fake"] = np.full(size, count == 0)
    columns["vtx_valid"] = np.full(size, True)
    return columns


def _particle_columns(state: EventState, chosen: Int) -> Columns:
    """Simulated particles and where their interactions took place."""
    particles = state.particles
    measured = np.flatnonzero(state.measured)
    measured = measured[state.owner[measured] >= 0]
    owner, strip = state.owner[measured], layers.is_strip(state.sensors.volume)
    strip = strip[measured]
    total = len(particles.pt)
    pixel_hits = np.bincount(owner[~strip], minlength=total)[chosen]
    strip_hits = np.bincount(owner[strip], minlength=total)[chosen]
    phi, pt, theta = (
        particles.phi[chosen],
        particles.pt[chosen],
        particles.theta[chosen],
    )
    columns: Columns = {
        "pt": pt,
        "eta": np.arctanh(np.cos(theta)),
        "phi": phi,
        "px": pt * np.cos(phi),
        "py": pt * np.sin(phi),
        "pz": pt / np.tan(theta),
        "q": particles.charge[chosen],
        "pdgId": particles.pdg[chosen],
        "vx": particles.x[chosen] * CM_PER_MM,
        "vy": particles.y[chosen] * CM_PER_MM,
        "vz": particles.z[chosen] * CM_PER_MM,
        "event": particles.interaction[chosen],
        "bunchCrossing": np.zeros(len(chosen)),
        "nValid": pixel_hits + strip_hits,
        "nPixel": pixel_hits,
        "nStrip": strip_hits,
    }
    return {f"sim_{name}": values for name, values in columns.items()}


def _event_columns(state: EventState) -> Columns:
    """Numbers of the event, beam spot, true interaction points."""
    count = len(state.origins)
    columns: Columns = {
        "event": np.array([state.number + 1]),
        # (run, lumi, event) is unique among samples of different seeds.
        "lumi": np.array([state.seed % 2**32]),
        "run": np.array([1]),
        "simvtx_event": np.arange(count),
        "simvtx_bunchCrossing": np.zeros(count),
        "simpv_idx": np.arange(count),
    }
    for axis, name in enumerate("xyz"):
        columns[f"simvtx_{name}"] = state.origins[:, axis] * CM_PER_MM
        columns[f"bsp_{name}"] = np.zeros(1)
        columns[f"bsp_sigma{name}"] = np.array([BEAM_SPOT_MM[axis] * CM_PER_MM])
    return columns
