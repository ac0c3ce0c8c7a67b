"""What a converted graph is compared on: tracks, and rows that no track looks like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from export.conversion.proof import Trial
from export.parity import Probe, build_probe
from network.inputs import InputSpec

_ROWS = 512
_SEED = 20_261_121
# Every code that CMSSW gives to an iteration has at most this many before it.
_CODES = 48


def build_trials(
    plausible: Probe, transforms: Sequence[str], tracks: Probe | None = None
) -> list[Trial]:
    """Trials around plausible rows: these, odd ones, and tracks where there are any.

    Args:
        plausible: Rows as the network will see them; their ranges are those that the
            odd rows span and go beyond.
        transforms: For each feature, the transform after which its range is even, as
            in `network.inputs.TRANSFORMS`.
        tracks: Real tracks.
    """
    spec = _spec(plausible, tuple(transforms))
    trials = [
        Trial(name="plausible rows", probe=plausible),
        Trial(name="odd rows", probe=build_probe(spec), odd=True),
    ]
    if tracks is not None and len(tracks):
        trials.insert(0, Trial(name="tracks", probe=tracks))
    return trials


def generated_rows(width: int) -> Probe:
    """Rows for a network whose inputs nobody knows: of order one, both signs."""
    rng = np.random.default_rng(_SEED)
    features = rng.normal(size=(_ROWS, width))
    category = rng.integers(0, _CODES, (_ROWS, 1))
    return Probe(features.astype(np.float32), category.astype(np.float32))


def _spec(rows: Probe, transforms: tuple[str, ...]) -> InputSpec:
    lower, upper = [], []
    for column, transform in zip(rows.features.T, transforms, strict=True):
        values = column.astype(np.float64)
        if transform != "identity":
            values = np.abs(values)
        if transform == "absolute_log1p":
            values = np.log1p(values)
        low, high = float(values.min()), float(values.max())
        lower.append(low)
        # A column may hold one value only.
        upper.append(high if high > low else low + 1.0)
    return InputSpec(
        names=tuple(f"input{place}" for place in range(len(transforms))),
        units=("",) * len(transforms),
        transforms=transforms,
        lower=tuple(lower),
        upper=tuple(upper),
        scales=(1.0,) * len(transforms),
        vocabulary=tuple(range(_CODES)),
    )
