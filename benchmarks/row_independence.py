"""Does a row's score depend on the rows beside it, in any artifact of a bundle?

    python -m benchmarks.row_independence BUNDLE

Scores the bundle's probe in batches of several sizes, in another order, and with four
rows of five replaced by garbage, and prints how far the scores are from those of the
whole probe at once: 0 where they are equal bit for bit. Ends with 1 above 1e-6.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console

from benchmarks.cut_safety import runtimes
from export import verify
from export.errors import ExportError
from export.manifest import read_bundle
from export.parity import Probe
from trackdnn.commands.quiet import start_tensorflow
from trackdnn.evaluation.tables import Plain

if TYPE_CHECKING:
    from export.parity import Runtime

SIZES = (1, 2, 3, 7, 16, 17, 255, 4096)
# Other batch sizes use other vector instructions, which add in another order.
ROUNDING = 1e-6
# Of each batch size, at most; a static batch of one has a call per row.
MOST_BATCHES = 64
GARBAGE = np.float32([np.nan, np.inf, -np.inf, 3.4e38, -1e30, 1e-42])


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare and print; 1 if a score depends on other rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", type=Path)
    options = parser.parse_args(arguments)
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    try:
        bundle = read_bundle(options.bundle)
        probe = verify.read_probe(bundle.probe)
        start_tensorflow()
        rows = Probe(probe["features"], probe["category"])
        found = {name: differences(one, rows) for name, one in runtimes(bundle).items()}
    except (ExportError, verify.RefusedError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    Console(width=None if sys.stdout.isatty() else 150).print(table(found).to_rich())
    worst = max(value for one in found.values() for value in one.values())
    return 0 if worst <= ROUNDING else 1


def differences(runtime: Runtime, rows: Probe) -> dict[str, float]:
    """Largest difference from the score among all rows, by what was tried."""
    whole = runtime(rows.features, rows.category)
    found = {}
    for size in SIZES:
        some = min(len(rows), MOST_BATCHES * size)
        parts = [
            runtime(rows.features[low : low + size], rows.category[low : low + size])
            for low in range(0, some, size)
        ]
        found[f"{size}"] = _worst(np.concatenate(parts)[:some], whole[:some])
    order = np.random.default_rng(1).permutation(len(rows))
    shuffled = runtime(rows.features[order], rows.category[order])
    found["order"] = _worst(shuffled, whole[order])
    # Five and the six kinds of garbage have no common factor: all of them occur.
    kept = np.arange(len(rows)) % 5 == 0
    other = np.resize(GARBAGE, len(rows))[:, None]
    beside = runtime(
        np.where(kept[:, None], rows.features, other),
        np.where(kept[:, None], rows.category, other),
    )
    found["garbage"] = _worst(beside[kept], whole[kept])
    return found


def table(found: Mapping[str, Mapping[str, float]]) -> Plain:
    """The differences for people."""
    heads = next(iter(found.values()))
    rows = [
        (name, *(f"{value:.1e}" if value else "0" for value in one.values()))
        for name, one in found.items()
    ]
    title = "max |Δp| from the whole probe at once; batch sizes, order, neighbours"
    return Plain(title, ("Model", *heads), tuple(rows))


def _worst(scores: np.ndarray, expected: np.ndarray) -> float:
    apart = np.abs(scores - expected)
    return float(np.where(np.isfinite(apart), apart, np.inf).max(initial=0.0))


if __name__ == "__main__":
    sys.exit(main())
