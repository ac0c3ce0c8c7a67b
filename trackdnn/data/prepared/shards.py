"""The tracks of one source file in one part: an Arrow file, read by position.

A memory map would count all pages it has touched as memory of the process.
"""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from trackdnn.data.prepared.inner import below
from trackdnn.data.prepared.layout import AGAIN, ANEW, COLUMNS, SCHEMA
from trackdnn.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


class Shard(BaseModel):
    """One file of tracks.

    Args:
        path: Below the dataset's folder, with `/`.
        part: `"train"`, `"validation"` or `"test"`.
        sample: Name of the sample.
        rows: Number of tracks, above 0.
        bytes: Size of the file.
        sha256: Its checksum.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Annotated[str, below("the dataset's folder")]
    part: str
    sample: str
    rows: int
    bytes: int
    sha256: str


class ShardReader:
    """Reads rows of one shard by position; may be used by several threads.

    The file is opened and checked by the first reading, and stays open until `close`.

    Args:
        folder: The dataset's folder.
        shard: The shard.
    """

    def __init__(self, folder: Path, shard: Shard) -> None:
        self.path = folder / shard.path
        self.shard = shard
        self._lock = threading.RLock()
        self._descriptor: int | None = None
        self._starts: NDArray[np.int64] = np.empty(0, np.int64)
        self._offsets: dict[str, NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return self.shard.rows

    def read_into(self, start: int, stop: int, out: Mapping[str, NDArray[Any]]) -> None:
        """Reads the rows `start:stop` of some columns.

        Args:
            start: First row.
            stop: One past the last.
            out: Contiguous arrays of that many rows by name of column, as
                `empty_columns` makes them.

        Raises:
            DatasetError: If the file is missing, of another size, or not of this
                format.
        """
        # So that nobody closes the file meanwhile.
        with self._lock:
            self._read_into(self._open(), start, stop, out)

    def close(self) -> None:
        """Gives the file back; reading again opens it again."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()

    def _read_into(
        self, descriptor: int, start: int, stop: int, out: Mapping[str, NDArray[Any]]
    ) -> None:
        batch = int(np.searchsorted(self._starts, start, side="right")) - 1
        done = 0
        while start < stop:
            first, last = int(self._starts[batch]), int(self._starts[batch + 1])
            count = min(stop, last) - start
            for name, array in out.items():
                target = array[done : done + count]
                skip = (start - first) * (target.nbytes // count)
                place = int(self._offsets[name][batch]) + skip
                self._fill(descriptor, target, place)
            start, done, batch = start + count, done + count, batch + 1

    def _fill(self, descriptor: int, target: NDArray[Any], place: int) -> None:
        view = memoryview(cast("Any", target)).cast("B")
        while view:
            got = os.preadv(descriptor, [view], place)
            if not got:
                end = f"an end at byte {place:,}"
                raise _bad(self.path, f"{len(self):,} tracks", end)
            view, place = view[got:], place + got

    def _open(self) -> int:
        if self._descriptor is None:
            try:
                self._descriptor = os.open(self.path, os.O_RDONLY)
                self._check(self._descriptor)
            except (OSError, pa.ArrowException) as error:
                self.close()
                # Arrow raises OSError, too, but for content and without a number.
                advice = AGAIN if getattr(error, "errno", None) else ANEW
                raise _bad(
                    self.path, "a readable Arrow file", _reason(error), advice
                ) from error
            except DatasetError:
                self.close()
                raise
        return self._descriptor

    def _check(self, descriptor: int) -> None:
        """Compares the size; finds the places of the columns the first time."""
        size = os.fstat(descriptor).st_size
        if size != self.shard.bytes:
            wanted = f"{self.shard.bytes:,} bytes"
            raise _bad(self.path, wanted, f"{size:,} bytes", AGAIN)
        if not self._offsets:
            with pa.memory_map(str(self.path)) as mapped:
                self._locate_in(mapped)

    def _locate_in(self, mapped: Any) -> None:
        """Finds the place of each column of each batch in the file."""
        base = mapped.read_buffer().address
        mapped.seek(0)
        file = pa.ipc.open_file(mapped)
        if not file.schema.equals(SCHEMA, check_metadata=True):
            raise _bad(self.path, "the columns of this version", str(file.schema.names))
        rows = [0]
        offsets: dict[str, list[int]] = {name: [] for name in COLUMNS}
        for index in range(file.num_record_batches):
            batch = file.get_batch(index)
            rows.append(batch.num_rows)
            for name, column in zip(COLUMNS, batch.columns, strict=True):
                # The last buffer holds the values, those before say what is null.
                offsets[name].append(column.buffers()[-1].address - base)
        self._starts = np.cumsum(rows)
        if self._starts[-1] != len(self):
            raise _bad(self.path, f"{len(self):,} tracks", f"{self._starts[-1]:,}")
        self._offsets = {name: np.array(found) for name, found in offsets.items()}


def _bad(path: Path, expected: str, received: str, advice: str = ANEW) -> DatasetError:
    return DatasetError(
        f"Shard '{path}' must hold {expected}. Received: {received}. {advice}"
    )


def _reason(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    return (reason.splitlines() or ["no details"])[0][:120].rstrip(".")
