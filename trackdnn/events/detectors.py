"""The modules of a detector: where each one looks, how thick, how finely cut.

Columns of `detectors.csv` that are read (mm): `volume_id`, `layer_id`, `module_id`,
`cx`, `cy`, `cz` (centre), `rot_xu` to `rot_zw` (local u, v, w to global x, y, z),
`module_t` (half of the thickness), `pitch_u`, `pitch_v`; if there, `module_maxhu` and
`module_hv` (half sizes along u and v). ACTS writes a table with the same columns.
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.errors import BadFileError
from trackdnn.events.columns_of_csv import Table, column_names, read_table
from trackdnn.events.event import Columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Int

_CENTRE = ("cx", "cy", "cz")
_ROTATION = [f"rot_{x}{u}" for x in "xyz" for u in "uvw"]
_SIZES = ("module_t", "pitch_u", "pitch_v")
_EXTENT = ("module_maxhu", "module_hv")
_IDS = ("volume_id", "layer_id", "module_id")
KINDS = (
    dict.fromkeys(_IDS, "int32")
    | dict.fromkeys((*_CENTRE, *_ROTATION), "float64")
    | dict.fromkeys(_SIZES, "float64")
)
# What ACTS writes for the pitch of a module that has none.
_UNKNOWN = -1.0
# Lengths of the axes may differ from 1 by the digits that a file keeps.
_UNIT = 1e-2
# Three ids share the 64 bits of one key; a module may have 31 of them.
_MOST = 1 << 16


@dataclasses.dataclass(frozen=True, kw_only=True)
class Detectors(Columns):
    """Modules, by ascending (volume, layer, module); each array `(modules, ...)`.

    Args:
        volume: Int32.
        layer: Int32.
        module: Int32.
        centre: mm, float64 of shape `(modules, 3)`.
        rotation: Local to global, float64 of shape `(modules, 3, 3)`.
        half_thickness: mm, float64.
        reach: From the centre to the farthest corner, mm, float64; infinite where
            the table does not tell.
        pitch_u: Size of a cell along u, mm, float64; -1 where ACTS does not tell.
        pitch_v: As `pitch_u`, along v.
    """

    volume: Int
    layer: Int
    module: Int
    centre: NDArray[np.float64]
    rotation: NDArray[np.float64]
    half_thickness: NDArray[np.float64]
    reach: NDArray[np.float64]
    pitch_u: NDArray[np.float64]
    pitch_v: NDArray[np.float64]

    def rows_of(self, volume: Int, layer: Int, module: Int) -> NDArray[np.int64]:
        """Row of the module of each hit, -1 where it is not among them.

        Args:
            volume: Of shape `(hits,)`.
            layer: Of shape `(hits,)`.
            module: Of shape `(hits,)`.

        Returns:
            Of shape `(hits,)`.
        """
        keys = _key(self.volume, self.layer, self.module)
        wanted = _key(volume, layer, module)
        if not len(keys):
            return np.full(len(wanted), -1, dtype=np.int64)
        rows = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[rows] == wanted, rows, -1)


def read_detectors(path: Path) -> Detectors:
    """Reads a detectors file; the last few are kept, as every event asks for one.

    Args:
        path: `detectors.csv` or `detectors.csv.gz`.

    Raises:
        BadFileError: If it is malformed, or has a module twice.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise BadFileError(
            f"'{path}' must be a file that can be read. Received: {error.strerror}. "
            "Name the table of modules, or none to go without cluster shapes."
        ) from error
    return _read(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=4)
def _read(path: Path, _changed: int, _size: int) -> Detectors:
    names = column_names(path)
    sizes = dict.fromkeys(_EXTENT, "float64") if set(_EXTENT) <= set(names) else {}
    table = read_table(path, KINDS | sizes)
    # ACTS lists passive surfaces too, as module 0, and -1 for what it does not know.
    of_acts = "geometry_id" in names
    passive = (table["module_id"] == 0) & of_acts
    _require_sizes(table, passive, of_acts)
    _require_rotations(table)
    order = np.lexsort([table[name] for name in reversed(_IDS)])
    order = order[~passive[order]]
    found = Detectors(
        volume=table["volume_id"],
        layer=table["layer_id"],
        module=table["module_id"],
        centre=np.stack([table[name] for name in _CENTRE], axis=-1),
        rotation=_rotation(table),
        half_thickness=table["module_t"],
        reach=_reach(table),
        pitch_u=table["pitch_u"],
        pitch_v=table["pitch_v"],
    ).take(order)
    _require_one_row_per_module(table, found, order)
    return found


def _require_sizes(table: Table, passive: NDArray[np.bool_], of_acts: bool) -> None:
    advice = "Correct the row."
    for name in _IDS:
        good = (table[name] >= 0) & ((table[name] < _MOST) | (name == _IDS[-1]))
        table.require(name, good, f"be from 0 to {_MOST - 1}", advice)
    table.require_finite(*_CENTRE, *_ROTATION, *_SIZES)
    for name in _SIZES:
        good = (table[name] > 0) | passive
        if of_acts and name != "module_t":
            good |= table[name] == _UNKNOWN
        table.require(name, good, "be positive", advice)


def _reach(table: Table) -> NDArray[np.float64]:
    if _EXTENT[0] not in table.columns:
        return np.full(len(table), np.inf)
    table.require_finite(*_EXTENT)
    return np.asarray(np.hypot(table[_EXTENT[0]], table[_EXTENT[1]]))


def _rotation(table: Table) -> NDArray[np.float64]:
    return np.stack([table[name] for name in _ROTATION], axis=-1).reshape(-1, 3, 3)


def _require_rotations(table: Table) -> None:
    """The axes of a module must be at right angles and of length one."""
    rotation = _rotation(table)
    off = np.abs(rotation.swapaxes(1, 2) @ rotation - np.eye(3)).max(
        axis=(1, 2), initial=0.0
    )
    must = "be part of a rotation (rot_xu to rot_zw: three axes at right angles)"
    table.require("rot_xu", off < _UNIT, must, "Correct the row.")


def _require_one_row_per_module(
    table: Table, found: Detectors, order: NDArray[np.int64]
) -> None:
    keys = _key(found.volume, found.layer, found.module)
    good = np.ones(len(table), dtype=bool)
    good[order[1:]] = keys[1:] != keys[:-1]
    must = "hold each module of a layer once"
    table.require("module_id", good, must, "Take one of the two rows out.")


def _key(volume: Int, layer: Int, module: Int) -> NDArray[np.int64]:
    """One number per module that orders like the three; -1 for impossible ids."""
    small = (volume >= 0) & (volume < _MOST) & (layer >= 0) & (layer < _MOST)
    key = (volume.astype(np.int64) << 47) | (layer.astype(np.int64) << 31) | module
    return np.where(small & (module >= 0), key, -1)
