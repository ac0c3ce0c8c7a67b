"""Measurements of the reading benchmark, in a process of their own.

    python -m benchmarks.ingest_methods FOLDER ROUNDS METHOD:WORKERS...

In each round all methods take turns. Prints a line of JSON for each measurement: method
and workers, seconds, tracks, and the most memory of this process and of its children
up to then, in MB. What only loads code or prepares a measurement is outside the time.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Loaded before the clock starts, for each method alike.
import awkward as ak
import numpy as np
import pandas as pd
import uproot
from isal import isal_zlib

from benchmarks.inputs import TREE
from trackdnn.data.baskets import basket_table
from trackdnn.data.branches import plan_branches
from trackdnn.data.codecs import inflate
from trackdnn.data.reader import read_tracks
from trackdnn.settings import Sample, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Packed = tuple[memoryview, int]

_ZLIB = b"ZL"
_BLOCK_HEADER = 9


def reference(files: list[Path], workers: int) -> tuple[float, int]:
    """All files by uproot to awkward arrays, to a pandas frame, to float32."""
    names = _columns(files[0])
    start = time.perf_counter()
    if workers == 1:
        frame = _frame(files, names)
    else:
        with ProcessPoolExecutor(workers) as pool:
            parts = pool.map(_frame, [[file] for file in files], [names] * len(files))
            frame = pd.concat(parts)
    return time.perf_counter() - start, len(frame)


def flattened(files: list[Path], workers: int) -> tuple[float, int]:
    """The same without pandas: each column is flattened on its own."""
    names = _columns(files[0])
    start = time.perf_counter()
    arrays = uproot.concatenate([{str(file): TREE} for file in files], names)
    columns = [ak.to_numpy(ak.flatten(arrays[name])).astype("f4") for name in names]
    return time.perf_counter() - start, len(np.stack(columns, axis=1))


def ours(files: list[Path], workers: int) -> tuple[float, int]:
    """`read_tracks`, with its labels, event keys, vertex counts and report."""
    samples = [Sample(files=tuple(str(file) for file in files))]
    settings = Settings.model_validate({"data": {"tree": TREE}}).data
    start = time.perf_counter()
    tracks, _ = read_tracks(samples, settings, progress=False, threads=workers)
    return time.perf_counter() - start, len(tracks)


def limit(files: list[Path], workers: int) -> tuple[float, int]:
    """Inflates the baskets that `ours` reads, from memory, and does nothing else."""
    return _inflate_all(_inflate, files, workers)


def inflating(files: list[Path], workers: int) -> tuple[float, int]:
    """The same as `limit`, with the libraries that `ours` inflates with."""

    def ours(packed: list[Packed]) -> None:
        for data, size in packed:
            inflate(data, size)

    return _inflate_all(ours, files, workers)


def _inflate_all(
    run: Callable[[list[Packed]], None], files: list[Path], workers: int
) -> tuple[float, int]:
    packed = [item for file in files for item in _packed(file)]
    total = _total(files)
    # The largest first, so that the threads end together.
    packed.sort(key=lambda item: -item[1])
    start = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(run, [packed[one::workers] for one in range(workers)]))
    return time.perf_counter() - start, total


def prepare(files: list[Path], workers: int) -> tuple[float, int]:
    """`prepare`, from the files to a dataset on disk."""
    from trackdnn.data.prepared.prepare import prepare as run

    samples = [{"files": [str(file) for file in files]}]
    settings = Settings.model_validate(
        {"data": {"samples": samples}, "local": {"workers": workers}}
    )
    with tempfile.TemporaryDirectory(dir=files[0].parent) as folder:
        start = time.perf_counter()
        dataset = run(settings, Path(folder) / "dataset", progress=False)
        seconds = time.perf_counter() - start
        return seconds, dataset.report().tracks


METHODS: dict[str, Callable[[list[Path], int], tuple[float, int]]] = {
    "reference": reference,
    "flattened": flattened,
    "ours": ours,
    "limit": limit,
    "inflating": inflating,
    "prepare": prepare,
}


def _columns(path: Path) -> list[str]:
    """The inputs, the category, the classifier of the file and the label."""
    with uproot.open({str(path): TREE}) as tree:
        plan = plan_branches(tree, str(path), label="auto", need_label=True)
    # A list of lists has no place in a frame of tracks.
    best = "trk_bestSimTrkIdx" if plan.label == "trk_simTrkIdx" else plan.label
    return [*dict.fromkeys([*plan.per_track, *([best] if best else [])])]


def _frame(files: list[Path], names: list[str]) -> pd.DataFrame:
    arrays = uproot.concatenate([{str(file): TREE} for file in files], names)
    return ak.to_dataframe(arrays).astype("float32")


def _packed(path: Path) -> Iterator[Packed]:
    """Compressed bytes and size of each compressed basket of the branches needed."""
    content = memoryview(path.read_bytes())
    with uproot.open({str(path): TREE}) as tree:
        plan = plan_branches(tree, str(path), label="auto", need_label=True)
        for name in plan.names:
            table = basket_table(tree[name], path, tree.num_entries, len(content))
            if table is None:
                continue
            for place, size in zip(
                table.seeks.tolist(), table.sizes.tolist(), strict=True
            ):
                (length,) = struct.unpack_from(">i", content, place + 6)
                (header,) = struct.unpack_from(">h", content, place + 14)
                if size - header != length:
                    yield content[place + header : place + size], length


def _inflate(packed: list[Packed]) -> None:
    for data, size in packed:
        if data[:2] == _ZLIB and int.from_bytes(data[3:6], "little") == len(data) - 9:
            isal_zlib.decompress(data[_BLOCK_HEADER:], 15, size)
        else:
            inflate(data, size)


def _total(files: list[Path]) -> int:
    total = 0
    for path in files:
        with uproot.open({str(path): TREE}) as tree:
            counts = ak.num(tree["trk_pt"].array(), axis=1)
            total += int(ak.sum(counts))
    return total


def _peak(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1e3


def main(arguments: list[str]) -> None:
    """Measures and prints."""
    folder, rounds, *labels = arguments
    files = sorted(Path(folder).glob("*.root"))
    for label in labels * int(rounds):
        method, workers = label.split(":")
        seconds, tracks = METHODS[method](files, int(workers))
        result: dict[str, Any] = {
            "label": label,
            "seconds": seconds,
            "rate": tracks / seconds / 1e6,
            "tracks": tracks,
            "memory": _peak(resource.RUSAGE_SELF),
            "worker_memory": _peak(resource.RUSAGE_CHILDREN),
        }
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
