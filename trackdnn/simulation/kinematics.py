"""From perigee parameters to the track quantities that CMS defines.

ACTS gives (loc0, loc1, phi, theta, q/p, time) at the beam line, in mm and GeV; CMS
wants cm and GeV. With the beam spot at the origin both agree on the signs:

    dxy = (-vx * py + vy * px) / pt           = loc0
    dz  = vz - (vx * px + vy * py) / pt * pz / pt = loc1
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trackdnn.simulation.arrays import Float

CM_PER_MM = 0.1
# CMS' getBestVertex answers with this point (cm) when no vertex qualifies.
NO_VERTEX = (0.0, 0.0, -99999.0)


def momentum(phi: Float, theta: Float, qop: Float) -> dict[str, Float]:
    """Momentum components of tracks.

    Args:
        phi: Azimuth of shape `(tracks,)`, rad.
        theta: Polar angle of shape `(tracks,)`, rad.
        qop: Charge over momentum of shape `(tracks,)`, 1/GeV.

    Returns:
        `px`, `py`, `pz`, `pt` in GeV, each of shape `(tracks,)`.
    """
    p = 1.0 / np.abs(qop)
    pt = p * np.sin(theta)
    return {
        "px": pt * np.cos(phi),
        "py": pt * np.sin(phi),
        "pz": p * np.cos(theta),
        "pt": pt,
    }


def perigee_columns(parameters: Float, covariance: Float) -> dict[str, Float]:
    """CMS quantities at the point of closest approach to the beam line.

    A negative variance becomes an error of NaN, as a C++ square root would.

    Args:
        parameters: Perigee parameters of shape `(tracks, 6)`, mm and GeV.
        covariance: Their covariance of shape `(tracks, 6, 6)`.

    Returns:
        Columns named as the branches, without prefix, in cm, GeV and rad.
    """
    loc0, loc1, phi, theta, qop = parameters[:, :5].T
    columns = momentum(phi, theta, qop)
    columns |= {
        "eta": np.arctanh(np.cos(theta)),
        "phi": phi,
        "lambda": np.pi / 2 - theta,
        "cotTheta": 1.0 / np.tan(theta),
        "dxy": loc0 * CM_PER_MM,
        "dz": loc1 * CM_PER_MM,
        "refpoint_x": -loc0 * np.sin(phi) * CM_PER_MM,
        "refpoint_y": loc0 * np.cos(phi) * CM_PER_MM,
        "refpoint_z": loc1 * CM_PER_MM,
        "q": np.sign(qop),
    }
    return columns | _errors(theta, qop, covariance)


def _errors(theta: Float, qop: Float, covariance: Float) -> dict[str, Float]:
    """Standard deviations, propagated to first order."""
    # pt = sin(theta) / |q/p|
    by_theta = np.cos(theta) / np.abs(qop)
    by_qop = -np.sin(theta) / (qop * np.abs(qop))
    var_pt = (
        by_theta**2 * covariance[:, 3, 3]
        + by_qop**2 * covariance[:, 4, 4]
        + 2.0 * by_theta * by_qop * covariance[:, 3, 4]
    )
    with np.errstate(invalid="ignore"):
        sigma = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
        return {
            "ptErr": np.sqrt(var_pt),
            "etaErr": sigma[:, 3] / np.sin(theta),
            "lambdaErr": sigma[:, 3],
            "phiErr": sigma[:, 2],
            "dxyErr": sigma[:, 0] * CM_PER_MM,
            "dzErr": sigma[:, 1] * CM_PER_MM,
        }


def impact(columns: dict[str, Float], point: Float) -> tuple[Float, Float]:
    """Impact parameters of tracks with respect to points, as CMS defines them.

    Args:
        columns: Holds `refpoint_x`, `refpoint_y`, `refpoint_z`, `px`, `py`, `pz`,
            `pt`, each of shape `(tracks,)`, cm and GeV.
        point: Point of shape `(3,)`, or one per track `(tracks, 3)`, cm.

    Returns:
        `dxy` and `dz` of shape `(tracks,)`, cm.

    Source:
        CMS, `reco::TrackBase::dxy(point)` and `dz(point)`.
    """
    x = columns["refpoint_x"] - point[..., 0]
    y = columns["refpoint_y"] - point[..., 1]
    z = columns["refpoint_z"] - point[..., 2]
    ux, uy = columns["px"] / columns["pt"], columns["py"] / columns["pt"]
    dxy = -x * uy + y * ux
    dz = z - (x * ux + y * uy) * columns["pz"] / columns["pt"]
    return dxy, dz


def closest_vertex(columns: dict[str, Float], vertices: Float) -> Float:
    """For each track the vertex with the smallest absolute dz.

    Args:
        columns: As for `impact`.
        vertices: Positions of shape `(vertices, 3)`, cm; may be empty.

    Returns:
        Positions of shape `(tracks, 3)`, cm; `NO_VERTEX` if there is no vertex.
    """
    tracks = len(columns["pt"])
    if not len(vertices):
        return np.tile(NO_VERTEX, (tracks, 1))
    dz = [np.abs(impact(columns, vertex)[1]) for vertex in vertices]
    closest: Float = vertices[np.argmin(dz, axis=0)]
    return closest
