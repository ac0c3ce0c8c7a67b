"""Ranges of the columns of hits, from the events of a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from network.graph_inputs import GraphInputs
from trackdnn.events.features import feature_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

# What lies further out is clipped: one hit far away must not decide the scale.
_TAIL = 0.001
# Hits of all events together that tell the ranges, about.
_ROWS = 500_000


def fit_ranges(
    events: Iterable[NDArray[np.float32]], number: int, groups: Sequence[str]
) -> GraphInputs:
    """The inputs of a network that knows hits alone.

    Args:
        events: Columns of the hits of each event, of shape `(hits, columns)`.
        number: How many events there are.
        groups: Groups of the columns.
    """
    most = max(_ROWS // number, 1)
    rows = np.concatenate([hits[:: max(len(hits) // most, 1)] for hits in events])
    ends = [_range(column) for column in rows.T]
    return GraphInputs(
        node_names=tuple(feature.name for feature in feature_table(groups)),
        node_lower=tuple(low for low, _ in ends),
        node_upper=tuple(high for _, high in ends),
    )


def _range(column: NDArray[np.float32]) -> tuple[float, float]:
    """Where nearly all numbers lie, and zero, which stands for what is not known."""
    known = column[np.isfinite(column)]
    ends = np.quantile(known, [_TAIL, 1 - _TAIL]) if len(known) else np.zeros(2)
    low, high = min(float(ends[0]), 0.0), max(float(ends[1]), 0.0)
    # A column of zeros, such as a layer that no hit is on, gets a range, too.
    return low, high if high > low else low + 1.0
