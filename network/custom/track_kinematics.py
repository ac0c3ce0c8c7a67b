"""Quantities that combine several raw inputs of one track, in the track's own frame.

A dense network meets each input on its own compressed scale, where one per cent of the
momentum, or a milliradian between two directions, is lost. This layer computes such
differences from the raw inputs, before anything is compressed. With `i` and `o` for the
momentum at the innermost and outermost measurement, `T` for transverse parts, `sgn` for
the side to which i x o bends, and `end` for the sign of i_z:

| quantity          | formula                                          |
|-------------------|--------------------------------------------------|
| pt_resolution     | ptErr / pt                                       |
| dxy_pv_pull       | abs(dxyClosestPV) / dxyErr                       |
| dz_pv_pull        | abs(dzClosestPV) / dzErr                         |
| dxy_pull, dz_pull | abs(dxy) / dxyErr, abs(dz) / dzErr               |
| dxy_side          | sgn dxyClosestPV / dxyErr (which side it bends)  |
| dz_side           | end dzClosestPV / dzErr (towards which end)      |
| pt_change         | (outer_pt - inner_pt) / inner_pt                 |
| pt_start          | (inner_pt - pt) / pt                             |
| bend_sin, bend_cos| abs(i x o) / (i_T o_T), (i . o)_T / (i_T o_T)    |
| bend_length       | bend_sin pt (lever arm in the field)             |
| polar_change      | end sin(theta_i - theta_o) / sin(theta_o)        |
| start_sin         | sgn sin(phi_i - phi)                             |
| hits              | nPixel + nStrip                                  |
| lost_share        | nLostLay / (hits + nLostLay)                     |
| chi2              | nChi2 ndof                                       |

None of them changes when the track is turned around the beam, mirrored at the plane
z = 0, or mirrored at a plane that holds the beam, so that a network need not learn
these symmetries of a collider detector from examples.

A track that is nearly straight bends to no side that rounding could not turn, so `sgn`
goes from -1 to 1 steadily where the sine of the bend is below 0.02; so does `end` where
i_z is below 1 MeV.

Each leaves as sgn(q) log(1 + |q| / scale) / log(1 + top / scale), clipped to [-1, 1].
"""

from __future__ import annotations

import difflib

import keras
import numpy as np
from keras import ops

# Quantity -> (scale, top): linear below the scale, clipped at the top, so that most
# tracks spread over the whole range: what a network sees at a hundredth of the size of
# its other inputs it learns last. The finest scales belong to quantities that every
# runtime rounds alike (no sine in them), or they would differ by more than 1e-6.
QUANTITIES = {
    "pt_resolution": (0.01, 0.1),
    "dxy_pv_pull": (1.0, 1e3),
    "dz_pv_pull": (1.0, 1e3),
    "dxy_pull": (1.0, 1e3),
    "dz_pull": (10.0, 1e4),
    "dxy_side": (1.0, 1e3),
    "dz_side": (1.0, 1e3),
    "pt_change": (0.01, 0.3),
    "pt_start": (2e-4, 3e-3),
    "bend_sin": (1.0, 1.0),
    "bend_cos": (100.0, 1.0),
    "bend_length": (0.3, 3.0),
    "polar_change": (0.01, 0.3),
    "start_sin": (0.05, 0.3),
    "hits": (30.0, 60.0),
    "lost_share": (0.1, 1.0),
    "chi2": (10.0, 1e3),
}
# Raw inputs are cut here (the sentinel of a missing vertex is 1e5 cm), so that no
# product of four of them overflows float32.
LARGEST_INPUT = 1e6
STRAIGHT = 0.02
SMALLEST_LENGTH = 1e-6
SMALLEST_MOMENTUM = 1e-3


@keras.saving.register_keras_serializable(package="trackdnn")
class TrackKinematics(keras.layers.Layer):
    """Ratios, pulls and angles of one track, from its raw inputs.

    The output is finite and in `[-1, 1]` whatever comes in: NaN reads as zero,
    infinities are cut, and denominators have a least value (1e-6 cm, 1e-3 GeV). No
    weights. Computes in float32 whatever the dtype policy.

    Args:
        names: Sequence of strings, names of the input columns in their order; must
            hold the names of the table above. Others are ignored.
        **kwargs: Passed to `keras.layers.Layer`; `dtype` is always float32.

    Call arguments:
        inputs: Float tensor of shape `(batch, columns)`, raw: GeV, cm, rad.

    Returns:
        Float32 tensor of shape `(batch, 17)`, in the order of `QUANTITIES`.

    Raises:
        ValueError: If a column that is needed is not among `names`.

    Source:
        This project.
    """

    def __init__(self, names, **kwargs) -> None:
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        self.names = tuple(str(name) for name in names)
        for name in _NEEDED:
            if name not in self.names:
                close = difflib.get_close_matches(name, self.names, n=1)
                hint = f" The nearest is '{close[0]}'." if close else ""
                raise ValueError(
                    f"`names` must hold the input '{name}', or the network must be "
                    f"built without derived quantities.{hint} "
                    f"Received: {len(self.names)} names"
                )

    def build(self, input_shape):
        if input_shape[-1] != len(self.names):
            raise ValueError(
                "The inputs must have one column per name. "
                f"Received: {input_shape[-1]} columns for {len(self.names)} names"
            )
        self.built = True

    def call(self, inputs):
        x = ops.where(ops.isnan(inputs), 0.0, inputs)
        x = ops.clip(x, -LARGEST_INPUT, LARGEST_INPUT)
        column = {name: self._column(x, name) for name in _NEEDED}
        quantities = {
            **_pulls(column),
            **_directions(column),
            **_counts(column),
        }
        raw = ops.concatenate([quantities[name] for name in QUANTITIES], axis=-1)
        scale, top = np.array(list(QUANTITIES.values())).T
        inverse, gain = np.float32(1 / scale), np.float32(1 / np.log1p(top / scale))
        value = ops.sign(raw) * ops.log1p(ops.abs(raw) * inverse) * gain
        return ops.clip(value, -1.0, 1.0)

    def _column(self, x, name):
        index = self.names.index(name)
        return x[:, index : index + 1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], len(QUANTITIES))

    def get_config(self):
        return {**super().get_config(), "names": list(self.names)}


_NEEDED = (
    *("trk_pt", "inner_px", "inner_py", "inner_pz", "inner_pt", "outer_px"),
    *("outer_py", "outer_pz", "outer_pt", "ptErr", "dxyClosestPV", "dzClosestPV"),
    *("dxy", "dz", "dxyErr", "dzErr", "nChi2", "phi", "nPixel", "nStrip", "ndof"),
    "nLostLay",
)


def _side(bend):
    return ops.clip(bend / STRAIGHT, -1.0, 1.0)


def _end(pz):
    return ops.clip(pz / SMALLEST_MOMENTUM, -1.0, 1.0)


def _length(value):
    return ops.maximum(value, SMALLEST_LENGTH)


def _momentum(value):
    return ops.maximum(value, SMALLEST_MOMENTUM)


def _pulls(c):
    """Impact parameters in units of their errors, momenta relative to each other."""
    dxy_error, dz_error = _length(c["dxyErr"]), _length(c["dzErr"])
    cross = c["inner_px"] * c["outer_py"] - c["inner_py"] * c["outer_px"]
    pt, inner = _momentum(c["trk_pt"]), _momentum(c["inner_pt"])
    transverse = inner * _momentum(c["outer_pt"])
    return {
        "pt_resolution": c["ptErr"] / pt,
        "dxy_pv_pull": ops.abs(c["dxyClosestPV"]) / dxy_error,
        "dz_pv_pull": ops.abs(c["dzClosestPV"]) / dz_error,
        "dxy_pull": ops.abs(c["dxy"]) / dxy_error,
        "dz_pull": ops.abs(c["dz"]) / dz_error,
        "dxy_side": _side(cross / transverse) * c["dxyClosestPV"] / dxy_error,
        "dz_side": _end(c["inner_pz"]) * c["dzClosestPV"] / dz_error,
        "pt_change": (c["outer_pt"] - c["inner_pt"]) / inner,
        "pt_start": (c["inner_pt"] - c["trk_pt"]) / pt,
    }


def _directions(c):
    """Angles between the momenta at the ends, and to the point of closest approach."""
    ix, iy, iz = c["inner_px"], c["inner_py"], c["inner_pz"]
    ox, oy, oz = c["outer_px"], c["outer_py"], c["outer_pz"]
    inner, outer = _momentum(c["inner_pt"]), _momentum(c["outer_pt"])
    pt, transverse = _momentum(c["trk_pt"]), inner * outer
    signed = (ix * oy - iy * ox) / transverse
    bend = ops.abs(signed)
    length = ops.sqrt(inner * inner + iz * iz) * outer
    sine, cosine = ops.sin(c["phi"]), ops.cos(c["phi"])
    start = _side(signed) * (cosine * iy - sine * ix) / inner
    return {
        "bend_sin": bend,
        "bend_cos": (ix * ox + iy * oy) / transverse,
        "bend_length": bend * pt,
        "polar_change": _end(iz) * (inner * oz - iz * outer) / length,
        "start_sin": start,
    }


def _counts(c):
    """Hits, the share of layers without one, and the total chi2."""
    hits = c["nPixel"] + c["nStrip"]
    return {
        "hits": hits,
        "lost_share": c["nLostLay"] / ops.maximum(hits + c["nLostLay"], 1.0),
        "chi2": c["nChi2"] * c["ndof"],
    }
