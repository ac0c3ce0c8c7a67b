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

Each leaves as sgn(q) log(1 + |q| / scale) / log(1 + top / scale), |q| at most top.
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

    The output is finite and in `[-1, 1]`, within one unit in the last place, whatever
    comes in: NaN reads as zero, infinities are cut, and denominators have a least value
    (1e-6 cm, 1e-3 GeV). No weights. Computes in float32 whatever the dtype policy.

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
        raw = _raw(_Rows(self.names, ops.transpose(x)))
        scale, top = np.array(list(QUANTITIES.values())).T[..., None]
        inverse, gain = np.float32(1 / scale), np.float32(1 / np.log1p(top / scale))
        ratio = ops.minimum(ops.abs(raw) * inverse, np.float32(top / scale))
        value = ops.log1p(ratio) * gain
        unsigned = np.array([[name in _UNSIGNED] for name in QUANTITIES])
        least = np.where(unsigned, -np.inf, 0.0).astype(np.float32)
        return ops.transpose(ops.where(ops.greater_equal(raw, least), value, -value))

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


# Formulas as tables: an operation on many rows costs a runtime hardly more than one on
# a single row, and a served network spends most of its time on calling operations.
_FLOORS = {
    "dxy_error": ("dxyErr", SMALLEST_LENGTH),
    "dz_error": ("dzErr", SMALLEST_LENGTH),
    "pt": ("trk_pt", SMALLEST_MOMENTUM),
    "inner": ("inner_pt", SMALLEST_MOMENTUM),
    "outer": ("outer_pt", SMALLEST_MOMENTUM),
}
_PRODUCTS = {
    "px_py": ("inner_px", "outer_py"),
    "py_px": ("inner_py", "outer_px"),
    "px_px": ("inner_px", "outer_px"),
    "py_py": ("inner_py", "outer_py"),
    "transverse": ("inner", "outer"),
    "inner_squared": ("inner", "inner"),
    "pz_squared": ("inner_pz", "inner_pz"),
    "inner_slope": ("inner", "outer_pz"),
    "outer_slope": ("inner_pz", "outer"),
    "cosine_py": ("cosine", "inner_py"),
    "sine_px": ("sine", "inner_px"),
    "chi2": ("nChi2", "ndof"),
}
# Left, sign and right.
_SUMS = {
    "cross": ("px_py", -1, "py_px"),
    "dot": ("px_px", 1, "py_py"),
    "size_squared": ("inner_squared", 1, "pz_squared"),
    "slope": ("inner_slope", -1, "outer_slope"),
    "start": ("cosine_py", -1, "sine_px"),
    "gain": ("outer_pt", -1, "inner_pt"),
    "excess": ("inner_pt", -1, "trk_pt"),
    "hits": ("nPixel", 1, "nStrip"),
}
_LATE_PRODUCTS = {
    "sided_dxy": ("side", "dxyClosestPV"),
    "sided_dz": ("end", "dzClosestPV"),
    "sided_slope": ("end", "slope"),
    "sided_start": ("side", "start"),
    "lever": ("bend", "pt"),
    "length": ("size", "outer"),
}
_QUOTIENTS = {
    "pt_resolution": ("ptErr", "pt"),
    "dxy_pv_pull": ("dxyClosestPV", "dxy_error"),
    "dz_pv_pull": ("dzClosestPV", "dz_error"),
    "dxy_pull": ("dxy", "dxy_error"),
    "dz_pull": ("dz", "dz_error"),
    "dxy_side": ("sided_dxy", "dxy_error"),
    "dz_side": ("sided_dz", "dz_error"),
    "pt_change": ("gain", "inner"),
    "pt_start": ("excess", "pt"),
    "bend_cos": ("dot", "transverse"),
    "polar_change": ("sided_slope", "length"),
    "start_sin": ("sided_start", "inner"),
    "lost_share": ("nLostLay", "layers"),
}
_UNSIGNED = (
    *("dxy_pv_pull", "dz_pv_pull", "dxy_pull", "dz_pull", "bend_sin", "bend_length"),
)


class _Rows:
    """Quantities by name, each a row of shape `(1, batch)` of one tensor."""

    def __init__(self, names, values) -> None:
        self.names, self.values = list(names), values

    def pick(self, names):
        rows = [self.names.index(name) for name in names]
        return ops.take(self.values, np.array(rows, np.int32), axis=0)

    def pairs(self, table):
        """Left and right operands of a table, each of shape `(entries, batch)`."""
        left, *_, right = zip(*table.values(), strict=True)
        return self.pick(left), self.pick(right)

    def joined(self, names, values):
        names = [*self.names, *names]
        return _Rows(names, ops.concatenate([self.values, values], axis=0))


def _raw(rows):
    """The quantities before their logarithm, shape `(17, batch)`."""
    rows = _sums(_products(rows))
    bend = rows.pick(["cross"]) / rows.pick(["transverse"])
    steep = np.array([[1 / STRAIGHT], [1 / SMALLEST_MOMENTUM]], np.float32)
    sides = ops.concatenate([bend, rows.pick(["inner_pz"])], axis=0) * steep
    size = ops.sqrt(rows.pick(["size_squared"]))
    hits, lost = rows.pick(["hits"]), rows.pick(["nLostLay"])
    rows = rows.joined(
        ("bend", "side", "end", "size", "layers"),
        ops.concatenate(
            [bend, ops.clip(sides, -1.0, 1.0), size, ops.maximum(hits + lost, 1.0)],
            axis=0,
        ),
    )
    left, right = rows.pairs(_LATE_PRODUCTS)
    rows = rows.joined(_LATE_PRODUCTS, left * right)
    above, below = rows.pairs(_QUOTIENTS)
    rest = rows.pick(["bend", "lever", "hits", "chi2"])
    names = [*_QUOTIENTS, "bend_sin", "bend_length", "hits", "chi2"]
    values = ops.concatenate([above / below, rest], axis=0)
    return _Rows(names, values).pick(QUANTITIES)


def _products(rows):
    """With lengths and momenta that can be divided by, and products of two."""
    names, floors = zip(*_FLOORS.values(), strict=True)
    least = np.array(floors, np.float32)[:, None]
    phi = rows.pick(["phi"])
    made = [ops.maximum(rows.pick(names), least), ops.sin(phi), ops.cos(phi)]
    rows = rows.joined((*_FLOORS, "sine", "cosine"), ops.concatenate(made, axis=0))
    left, right = rows.pairs(_PRODUCTS)
    return rows.joined(_PRODUCTS, left * right)


def _sums(rows):
    left, right = rows.pairs(_SUMS)
    signs = np.array([[sign] for _, sign, _ in _SUMS.values()], np.float32)
    return rows.joined(_SUMS, left + right * signs)
