from __future__ import annotations

import numpy as np
import pytest

from trackdnn.inspection.plausible import Reference
from trackdnn.inspection.saturation import find_saturation

SCALES = ("linear", "logarithmic", "whole", "linear")


@pytest.fixture(scope="module")
def reference():
    rng = np.random.default_rng(5)
    rows = np.column_stack(
        [
            rng.normal(0, 1, 500),
            np.exp(rng.normal(0, 1, 500)) * rng.choice([-1, 1], 500),
            rng.integers(0, 6, 500),
            rng.normal(0, 1, 500),
        ]
    ).astype(np.float32)
    return Reference(
        names=("a", "b", "c", "d"),
        rows=rows,
        values=(rows[:, 0],) * 4,
        scales=SCALES,
        sample=rows,
        origin="",
    )


def values(rows):
    """a in [-1, 0.5], |b| in [0.2, 3], c at most 4, d not at all."""
    a, b, c, d = rows.T
    return np.column_stack(
        [np.clip(a, -1, 0.5), np.clip(np.abs(b), 0.2, 3), np.minimum(c, 4), d]
    )


def shares(reference, column):
    alone = np.eye(4, dtype=bool)[column]
    return find_saturation(values, reference, column, alone, exact=alone)


def test_shares_are_those_beyond_the_ends(reference):
    a, b, c, _ = reference.rows.T

    assert shares(reference, 0) == (np.mean(a < -1), np.mean(a > 0.5))
    assert shares(reference, 1) == (np.mean(np.abs(b) < 0.2), np.mean(np.abs(b) > 3))
    # A count of 4 is at the end and not beyond it.
    assert shares(reference, 2) == (0.0, np.mean(c > 4))
    assert shares(reference, 3) == (0.0, 0.0)


def test_an_input_that_moves_nothing_has_no_ends(reference):
    none = np.zeros(4, bool)

    assert find_saturation(values, reference, 0, none, exact=none) == (0.0, 0.0)


def test_an_input_seen_elsewhere_is_not_lost(reference):
    def more(rows):
        return np.column_stack([values(rows), rows[:, 0] + rows[:, 3]])

    moved = np.array([True, False, False, False, True])
    exact = np.array([True, True, True, True, False])

    assert find_saturation(more, reference, 0, moved, exact=exact) == (0.0, 0.0)
