"""Proof that every artifact computes what the network computes.

Each artifact is reloaded from disk in the runtime that will serve it and compared with
Keras on a probe batch: real tracks when there are any, tracks that span the ranges of
the inputs and reach beyond, and rows that no track should look like but some will.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from export.errors import ParityError

if TYPE_CHECKING:
    from network.inputs import InputSpec

Floats = NDArray[np.float32]
Runtime = Callable[[Floats, Floats], Floats]

# TrackTfClassifier evaluates this many tracks per call.
CMSSW_BATCH = 16
# Position of the vertex that stands for "no vertex" in CMSSW's getBestVertex, in cm.
SENTINEL = -99999.0

_BATCH_SIZES = (0, 1, 16, 17)
_LARGE_BATCH = 8192
_SAMPLE_ROWS = 2048
_SPANNING_ROWS = 512
_LARGEST = float(np.finfo(np.float32).max)
_SMALLEST = float(np.finfo(np.float32).smallest_subnormal)
_ADVICE = (
    "A network with steep scores amplifies the rounding of single precision: if the "
    "difference is of the order of 1e-6, raise `export.tolerance`"
)
_FAR = (-np.inf, np.inf)
ODD_VALUES = (
    *(np.nan, np.inf, -np.inf, _LARGEST, -_LARGEST, _SMALLEST, -_SMALLEST),
    *(1e-40, 1e-20, 0.0, -0.0, SENTINEL, -SENTINEL),
)
ODD_CATEGORIES = (
    *(-1.0, 0.0, 0.5, 24.0, 25.0, 26.0, 99.0, 1e9, -1e9),
    *(np.nan, np.inf, -np.inf, _LARGEST),
)


@dataclasses.dataclass(frozen=True)
class Probe:
    """Inputs to compare runtimes on.

    Args:
        features: Float32 array of shape `(rows, features)`.
        category: Float32 array of shape `(rows, 1)`.
    """

    features: Floats
    category: Floats

    def __len__(self) -> int:
        return len(self.features)


def build_probe(
    spec: InputSpec, sample: Probe | None = None, *, seed: int = 20_260_101
) -> Probe:
    """A batch of real, spanning and odd rows.

    Args:
        spec: Ranges of the inputs.
        sample: Real tracks; up to 2048 of them are drawn.
        seed: Seed of every random row.

    Returns:
        About `1000 + 20 * features` rows.
    """
    rng = np.random.default_rng(seed)
    parts = [_spanning_rows(spec, rng), _odd_rows(spec), _odd_categories(spec)]
    if sample is not None and len(sample):
        rows = rng.permutation(len(sample))[:_SAMPLE_ROWS]
        parts.insert(0, Probe(sample.features[rows], sample.category[rows]))
    return Probe(
        np.concatenate([part.features for part in parts]).astype(np.float32),
        np.concatenate([part.category for part in parts]).astype(np.float32),
    )


def raw_value(spec: InputSpec, column: int, value: float) -> float:
    """The value of an input that its transform takes to `value`; float32 range."""
    if spec.transforms[column] == "absolute_log1p":
        raw = np.expm1(min(max(value, 0.0), 88.0)) * spec.scales[column]
    else:
        raw = value
    return float(np.clip(raw, -_LARGEST, _LARGEST))


def _spanning_rows(spec: InputSpec, rng: np.random.Generator) -> Probe:
    """Uniform in each transformed range and half a width beyond, either sign."""
    features = np.empty((_SPANNING_ROWS, spec.width), np.float32)
    for column, (low, high) in enumerate(zip(spec.lower, spec.upper, strict=True)):
        width = high - low
        values = rng.uniform(low - width / 2, high + width / 2, _SPANNING_ROWS)
        features[:, column] = [raw_value(spec, column, value) for value in values]
    features *= rng.choice(np.array([-1, 1], np.float32), features.shape)
    known = np.array([*spec.vocabulary, 99], np.float32)
    return Probe(features, rng.choice(known, (_SPANNING_ROWS, 1)))


def _central_row(spec: InputSpec) -> Floats:
    middle = [
        (low + high) / 2 for low, high in zip(spec.lower, spec.upper, strict=True)
    ]
    return np.array([raw_value(spec, i, v) for i, v in enumerate(middle)], np.float32)


def _odd_rows(spec: InputSpec) -> Probe:
    """One odd value in a central row, for each column and value; rows odd all over."""
    central, rows = _central_row(spec), []
    for column in range(spec.width):
        ends = (spec.lower[column], spec.upper[column])
        edges = [np.float32(raw_value(spec, column, end)) for end in ends]
        beyond = [np.nextafter(edge, np.float32(s)) for edge in edges for s in _FAR]
        for value in (*ODD_VALUES, *edges, *beyond):
            rows.append(central.copy())
            rows[-1][column] = value
    rows += [np.full(spec.width, value, np.float32) for value in ODD_VALUES]
    category = float(spec.vocabulary[0]) if spec.vocabulary else 0.0
    return Probe(np.stack(rows), np.full((len(rows), 1), category, np.float32))


def _odd_categories(spec: InputSpec) -> Probe:
    values = np.array([*spec.vocabulary, *ODD_CATEGORIES], np.float32)
    return Probe(np.tile(_central_row(spec), (len(values), 1)), values[:, None])


def compare(
    runtime: Runtime, probe: Probe, reference: Floats, *, tolerance: float, name: str
) -> dict[str, Any]:
    """Compare one reloaded artifact with Keras.

    Args:
        runtime: From features `(rows, width)` and category `(rows, 1)` to scores.
        probe: What to evaluate.
        reference: Scores by Keras, shape `(rows, 1)`.
        tolerance: Largest absolute difference that passes.
        name: Name of the artifact in messages.

    Returns:
        Figures for the manifest: `max_difference` over all batchings, of the
        whole probe at once (`whole_batch`), in CMSSW's batches (`cmssw_batches`),
        and `rows`.

    Raises:
        ParityError: If a score is not finite, has the wrong shape, or is off.
    """
    runtime = _guarded(runtime, name)
    whole = runtime(probe.features, probe.category)
    differences = {"whole_batch": _difference(whole, reference, name)}
    for size in _BATCH_SIZES:
        scores = runtime(probe.features[:size], probe.category[:size])
        key = f"batch_{size}"
        differences[key] = _difference(scores, reference[:size], name)
    batched = in_cmssw_batches(runtime, probe)
    differences["cmssw_batches"] = _difference(batched, reference, name)
    worst = max(differences.values())
    if worst > tolerance:
        key = max(differences, key=lambda item: differences[item])
        raise ParityError(
            f"The {name} must reproduce the network to {tolerance:g}. Received: "
            f"max |difference|={worst:.3g} ({key}, {len(probe)} rows). "
            f"No bundle was written. {_ADVICE}"
        )
    return {
        "rows": len(probe),
        "max_difference": worst,
        "whole_batch": differences["whole_batch"],
        "cmssw_batches": differences["cmssw_batches"],
    }


def compare_sample(
    runtime: Runtime, sample: Probe, reference: Floats, *, tolerance: float, name: str
) -> dict[str, Any]:
    """Compare one reloaded artifact with Keras on real tracks, in large batches.

    Returns:
        `rows` and `max_difference`.

    Raises:
        ParityError: As `compare`.
    """
    runtime, worst = _guarded(runtime, name), 0.0
    for low in range(0, len(sample), _LARGE_BATCH):
        rows = slice(low, low + _LARGE_BATCH)
        scores = runtime(sample.features[rows], sample.category[rows])
        worst = max(worst, _difference(scores, reference[rows], name))
    if worst > tolerance:
        raise ParityError(
            f"The {name} must reproduce the network to {tolerance:g} on the sample. "
            f"Received: max |difference|={worst:.3g} ({len(sample)} tracks). "
            f"No bundle was written. {_ADVICE}"
        )
    return {"rows": len(sample), "max_difference": worst}


def in_cmssw_batches(runtime: Runtime, probe: Probe) -> Floats:
    """Scores as `TrackTfClassifier` gets them: floor(n / 16) + 1 calls of 16 rows.

    The rows of the last call beyond the tracks hold what memory held before; here
    they hold NaN, infinities and huge values.

    Returns:
        Float32 array of shape `(rows, 1)`.
    """
    calls = len(probe) // CMSSW_BATCH + 1
    shape = (calls * CMSSW_BATCH, probe.features.shape[1])
    odd = np.array([np.nan, np.inf, -np.inf, _LARGEST, -1e30], np.float32)
    garbage = np.resize(odd, shape)
    features, category = garbage.copy(), garbage[:, :1].copy()
    features[: len(probe)], category[: len(probe)] = probe.features, probe.category
    parts = [
        runtime(features[low : low + CMSSW_BATCH], category[low : low + CMSSW_BATCH])
        for low in range(0, calls * CMSSW_BATCH, CMSSW_BATCH)
    ]
    return np.concatenate(parts)[: len(probe)]


def _guarded(runtime: Runtime, name: str) -> Runtime:
    """`runtime`, with its own kinds of errors told as a `ParityError`."""

    def run(features: Floats, category: Floats) -> Floats:
        try:
            return runtime(features, category)
        except Exception as error:
            raise ParityError(
                f"The {name} must run on {len(features)} rows. Received: {error}. "
                "No bundle was written"
            ) from error

    return run


def _difference(scores: Floats, reference: Floats, name: str) -> float:
    if scores.shape != reference.shape or scores.dtype != np.float32:
        raise ParityError(
            f"The {name} must give float32 scores of shape {reference.shape}. "
            f"Received: {scores.dtype} {scores.shape}. No bundle was written"
        )
    if not np.isfinite(scores).all():
        row = int(np.flatnonzero(~np.isfinite(scores))[0])
        raise ParityError(
            f"The {name} must give finite scores for every input, NaN included. "
            f"Received: {scores[row, 0]} in row {row} of the probe. "
            "No bundle was written"
        )
    return float(np.abs(scores - reference).max(initial=0.0))
