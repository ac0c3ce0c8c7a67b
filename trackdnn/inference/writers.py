"""Scores as a ROOT tree (one entry per event) or a Parquet table (one row per track).

| ROOT branch `scores/...`   | Parquet column | content                               |
|----------------------------|----------------|---------------------------------------|
| `file`                     | `file`         | number, or name, of the input file    |
| `entry`                    | `entry`        | entry of the event in its input tree  |
| `run`, `lumi`, `event`     | the same       | 0 where the input has none            |
| `ntrk`                     | `track`        | number of tracks, or of the track     |
| `trk_originalAlgo`         | `originalAlgo` | iteration                             |
| `trk_probability`          | `probability`  | p                                     |
| `trk_score`                | `score`        | 2p - 1, what CMSSW cuts on            |
| `trk_pass_<working point>` | `pass_<...>`   | whether the score is above the cut    |

The ROOT file also holds the names of the input files, one a line, as `files`.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Protocol

import awkward as ak
import numpy as np
import uproot

from trackdnn.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from trackdnn.inference.scored import ScoredEvents

TREE = "scores"
SUFFIXES = (".root", ".parquet")
IDENTITY = {"run": np.uint32, "lumi": np.uint32, "event": np.uint64}


class Writer(Protocol):
    """Takes scored events one block after the other."""

    def write(self, events: ScoredEvents) -> None:
        """Append `events`."""


@contextlib.contextmanager
def open_writer(
    output: Path, inputs: Sequence[Path], names: Sequence[str]
) -> Iterator[Writer]:
    """A writer to `output`, which appears when the block ends without an error.

    Args:
        output: A `.root` or a `.parquet` file.
        inputs: The files that are read, which must stay as they are.
        names: Names of the working points.

    Yields:
        The writer.

    Raises:
        InputError: If `output` has another ending, is an input or a folder, or cannot
            be written.
    """
    check_output(output, inputs)
    part = output.with_name(f".{output.stem}.{os.getpid()}{output.suffix}")
    opened = _root_writer if output.suffix == ".root" else _parquet_writer
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with opened(part, inputs, names) as writer:
            yield writer
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        part.replace(output)
    except OSError as error:
        raise InputError(
            f"The output must be writable. Received: {output} ({error.strerror})"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def check_output(output: Path, inputs: Sequence[Path]) -> None:
    """Raise unless `output` may be written.

    Raises:
        InputError: As `open_writer`.
    """
    if output.suffix not in SUFFIXES:
        raise InputError(
            f"The output must end with {' or '.join(SUFFIXES)}. Received: {output}"
        )
    if output.is_dir():
        raise InputError(f"The output must be a file. Received: the folder {output}")
    if output.resolve() in {path.resolve() for path in inputs}:
        raise InputError(
            f"The output must not be one of the inputs. Received: {output}"
        )


@contextlib.contextmanager
def _root_writer(
    part: Path, inputs: Sequence[Path], names: Sequence[str]
) -> Iterator[Writer]:
    with uproot.recreate(part) as file:
        file["files"] = "\n".join(map(str, inputs))
        yield _RootWriter(file, names)


class _RootWriter:
    def __init__(self, file: Any, names: Sequence[str]) -> None:
        fields = {"originalAlgo": "int32", "probability": "float32", "score": "float32"}
        fields |= {f"pass_{name}": "bool" for name in names}
        record = ", ".join(f'"{name}": {kind}' for name, kind in fields.items())
        branches: dict[str, Any] = {"file": np.int32, "entry": np.int64, **IDENTITY}
        branches["trk"] = ak.types.from_datashape(
            f"var * {{{record}}}", highlevel=False
        )
        self._tree = file.mktree(TREE, branches)

    def write(self, events: ScoredEvents) -> None:
        tracks: dict[str, Any] = {
            "originalAlgo": events.category,
            "probability": events.probability,
            "score": events.score,
        }
        tracks |= {f"pass_{name}": flags for name, flags in events.passing.items()}
        counts = events.counts
        self._tree.extend(
            {
                "file": np.full(len(counts), events.number, np.int32),
                "entry": events.entry,
                **events.identity,
                "trk": ak.zip({k: ak.unflatten(v, counts) for k, v in tracks.items()}),
            }
        )


@contextlib.contextmanager
def _parquet_writer(
    part: Path, inputs: Sequence[Path], names: Sequence[str]
) -> Iterator[Writer]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            ("file", pa.string()),
            ("entry", pa.int64()),
            *((name, pa.from_numpy_dtype(kind)) for name, kind in IDENTITY.items()),
            ("track", pa.int32()),
            ("originalAlgo", pa.int32()),
            ("probability", pa.float32()),
            ("score", pa.float32()),
            *((f"pass_{name}", pa.bool_()) for name in names),
        ]
    )
    with pq.ParquetWriter(part, schema) as writer:
        yield _ParquetWriter(writer, schema)


class _ParquetWriter:
    def __init__(self, writer: Any, schema: Any) -> None:
        self._writer, self._schema = writer, schema

    def write(self, events: ScoredEvents) -> None:
        import pyarrow as pa

        counts = events.counts
        starts = np.repeat(np.cumsum(counts) - counts, counts)
        columns = {
            "file": np.full(int(counts.sum()), str(events.path)),
            "entry": np.repeat(events.entry, counts),
            **{k: np.repeat(v, counts) for k, v in events.identity.items()},
            "track": (np.arange(len(starts)) - starts).astype(np.int32),
            "originalAlgo": events.category,
            "probability": events.probability,
            "score": events.score,
        }
        columns |= {f"pass_{name}": flags for name, flags in events.passing.items()}
        self._writer.write_table(pa.table(columns, schema=self._schema))
