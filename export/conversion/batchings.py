"""The ways in which a graph is fed: whole, few at a time, and beside garbage."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export import parity
from export.errors import ParityError

Floats = NDArray[np.float32]
LARGE = 8192
_SMALL = (0, 1, 16, 17)
# Rows to feed as CMSSW does, and beside garbage: 16 at a time is slow.
_FEW = 4096
_GARBAGE = np.array([np.nan, np.inf, -np.inf, 3.4e38, -1e30], np.float32)


def scores_of(runtime: parity.Runtime, probe: parity.Probe, name: str) -> Floats:
    """Scores of a probe, in large batches, after a look at their form.

    Raises:
        ParityError: If it does not run, or gives anything but one score per row.
    """
    scores = _ran(lambda: in_batches(runtime, probe), len(probe), name)
    if scores.shape != (len(probe), 1) or scores.dtype != np.float32:
        raise ParityError(
            f"The {name} must give float32 scores of shape {(len(probe), 1)}. "
            f"Received: {scores.dtype} {scores.shape}. Nothing was written"
        )
    return scores


def _ran(call: Callable[[], Floats], rows: int, name: str) -> Floats:
    try:
        return call()
    except Exception as error:
        reason = (str(error).strip().splitlines() or ["no details"])[0]
        raise ParityError(
            f"The {name} must run on {rows} rows. Received: "
            f"{type(error).__name__}: {reason[:200]}. Nothing was written"
        ) from error


def in_batches(function: Callable[[Floats, Floats], Any], probe: parity.Probe) -> Any:
    """What a function gives for a probe, in pieces that fit into memory."""
    starts = range(0, max(len(probe), 1), LARGE)
    return np.concatenate(
        [
            function(
                probe.features[low : low + LARGE], probe.category[low : low + LARGE]
            )
            for low in starts
        ]
    )


def batchings(
    runtime: parity.Runtime, probe: parity.Probe, name: str
) -> Iterator[tuple[str, Floats, int]]:
    """Scores of the first rows in other batches, and how many rows they are of.

    Yields:
        Name of the batching, scores of shape `(rows, 1)`, and the most rows it has.

    Raises:
        ParityError: As `scores_of`.
    """
    for size in _SMALL:
        part = parity.Probe(probe.features[:size], probe.category[:size])
        yield f"batch_{size}", scores_of(runtime, part, name), size
    few = parity.Probe(probe.features[:_FEW], probe.category[:_FEW])
    for key, feed in _FEEDS.items():
        call = functools.partial(feed, runtime, few)
        yield key, _ran(call, len(few), f"{name} ({key})"), _FEW


def beside_garbage(runtime: parity.Runtime, probe: parity.Probe) -> Floats:
    """Scores when every other row of the batch is NaN, infinite or huge."""
    mixed = np.resize(_GARBAGE, (2 * len(probe), probe.features.shape[1]))
    categories = np.resize(_GARBAGE, (2 * len(probe), 1))
    mixed[::2], categories[::2] = probe.features, probe.category
    return runtime(mixed, categories)[::2]


_FEEDS = {
    "cmssw_batches": parity.in_cmssw_batches,
    "beside_garbage": beside_garbage,
}
