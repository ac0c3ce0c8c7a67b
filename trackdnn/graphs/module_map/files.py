"""The file of a trained module map."""

from __future__ import annotations

import dataclasses
import io
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.data.prepared.atomic import open_new
from trackdnn.errors import BadFileError
from trackdnn.graphs.module_map.learning import COUNT, Map
from trackdnn.graphs.module_map.scoring import SIZES, Scoring

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FILE = "module_map.npz"
_SHAPES = {
    "miss": (2, COUNT**2),
    "bend": (COUNT**2,),
    "theta_change": (COUNT**3,),
    "bend_change": (COUNT**3,),
    "ratios": (sum(SIZES),),
}
# Arrays of one length.
_ALIKE = (("first", "second", "dphi"), ("sums", "scores"))
_WHOLE = ("first", "second")
# What a damaged npz file raises.
_DAMAGE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


def write_map(folder: Path, learned: Map, scoring: Scoring) -> None:
    """Writes a map into an existing folder.

    Raises:
        OutputError: If it cannot be written.
    """
    arrays = dataclasses.asdict(learned) | dataclasses.asdict(scoring)
    with open_new(folder / FILE) as stream:
        np.savez_compressed(stream, **arrays)


def read_map(folder: Path) -> tuple[Map, Scoring]:
    """Reads what `write_map` has written.

    Raises:
        BadFileError: If the file is missing, damaged or of another shape.
    """
    path = folder / FILE
    try:
        content = io.BytesIO(path.read_bytes())
        with np.load(content, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except FileNotFoundError as error:
        raise _bad(path, "no such file") from error
    except _DAMAGE as error:
        raise _bad(path, "a damaged file") from error
    _check(path, arrays)
    return _part(Map, arrays), _part(Scoring, arrays)


def _part(kind: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    return kind(
        **{field.name: arrays[field.name] for field in dataclasses.fields(kind)}
    )


def _check(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    names = {
        field.name for kind in (Map, Scoring) for field in dataclasses.fields(kind)
    }
    if set(arrays) != names:
        raise _bad(path, f"the arrays {', '.join(sorted(arrays)) or 'of nothing'}")
    for name, shape in _SHAPES.items():
        if arrays[name].shape != shape:
            raise _bad(path, f"'{name}' of the shape {arrays[name].shape}")
    for alike in _ALIKE:
        shapes = {arrays[name].shape for name in alike}
        if len(shapes) > 1 or len(shapes.pop()) != 1:
            raise _bad(path, f"different lengths of {', '.join(alike)}")
    for name, array in arrays.items():
        if array.dtype != (np.int64 if name in _WHOLE else np.float64):
            raise _bad(path, f"'{name}' of the type {array.dtype}")


def _bad(path: Path, what: str) -> BadFileError:
    return BadFileError(
        f"'{path}' must be a trained module map. Received: {what}. Train it again, or "
        "copy the folder again."
    )
