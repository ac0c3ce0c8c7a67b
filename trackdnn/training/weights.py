"""What a file of weights may hold, looked at before Keras reads it.

HDF5 can lead out of its file (links, external and virtual datasets) and promise more
numbers than it stores. Keras writes plain arrays, each stored as it is: nothing else is
taken, so that no array is larger than the file and none comes from elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py

from trackdnn.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The networks here have some dozens.
_MAX_OBJECTS = 20_000
_KINDS = "biuf"


def check_weights(path: Path) -> None:
    """Raises unless a file holds plain arrays of numbers alone.

    Args:
        path: A `.weights.h5` file.

    Raises:
        RunError: With the first thing in it that is not one, or if it is not HDF5.
    """
    try:
        with h5py.File(path, "r") as file:
            _check(file)
    except _Refused as error:
        raise RunError(
            f"{path} must hold plain arrays of numbers, as Keras writes them. "
            f"Received: {error}. It is not loaded"
        ) from None
    except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise RunError(f"{path} must be readable as HDF5. Received: {first}") from error


class _Refused(Exception):
    """Something that Keras does not write."""


def _check(file: h5py.File) -> None:
    for name, dataset in _datasets(file):
        if fault := _fault_of(dataset):
            raise _Refused(f"'{name}', {fault}")


def _datasets(file: h5py.File) -> Iterator[tuple[str, h5py.Dataset]]:
    """Every dataset, found along links that stay in the file."""
    pending, seen = [("", file)], 0
    while pending:
        path, group = pending.pop()
        for key in group:
            seen += 1
            name = f"{path}/{key}"
            # Hard links may lead back to where one came from.
            if seen > _MAX_OBJECTS:
                raise _Refused(f"more than {_MAX_OBJECTS:,} objects")
            link = group.get(key, getlink=True)
            if not isinstance(link, h5py.HardLink):
                raise _Refused(f"'{name}', a link ({type(link).__name__})")
            found = group[key]
            if isinstance(found, h5py.Group):
                pending.append((name, found))
            elif isinstance(found, h5py.Dataset):
                yield name, found


def _fault_of(dataset: h5py.Dataset) -> str | None:
    """Why a dataset is not a plain array, if it is not."""
    if dataset.external or dataset.is_virtual:
        return "whose numbers lie in another file"
    if dataset.shape is None or dataset.dtype.kind not in _KINDS:
        return f"which holds no numbers ({dataset.dtype})"
    stored = dataset.id.get_storage_size()
    if dataset.chunks is not None or stored != dataset.nbytes:
        return f"of shape {dataset.shape}, of which {stored:,} bytes are stored"
    return None
