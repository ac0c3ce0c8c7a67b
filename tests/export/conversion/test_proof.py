from __future__ import annotations

import numpy as np
import pytest

from export.conversion.proof import Trial, prove
from export.errors import ParityError
from export.parity import Probe


def truth(features, category):
    with np.errstate(all="ignore"):
        power = np.exp(-features[:, :1].astype(float) - category.astype(float))
    return 1 / (1 + power)


def original(features, category):
    return truth(features, category).astype(np.float32)


def shifted(by):
    return lambda x, y: original(x, y) + np.float32(by)


@pytest.fixture
def probe(rows):
    features, category = rows.features.copy(), rows.category.copy()
    features[7, 0] = np.nan
    return Probe(features, category)


def judged(converted, probe, *, exact=truth, odd=False, first=original):
    trial = Trial(name="these", probe=probe, odd=odd)
    return prove(
        converted, first, trial, exact=exact, tolerance=1e-5, advice="Raise it"
    )


def test_the_same_graph_is_proven(probe):
    proof = judged(original, probe)

    assert (proof.max_difference, proof.nan, proof.unstable) == (0.0, 1, 0)
    assert proof.original_error == proof.converted_error < 1e-7
    assert proof.nearer == "both"


def test_the_nearer_one_is_named(probe):
    def rough(x, y):
        return original(x, y) + np.float32(4e-6)

    assert judged(rough, probe).nearer == "original"
    assert judged(original, probe, first=rough).nearer == "converted"
    assert judged(original, probe, exact=None).nearer is None


def test_figures_become_plain_values(probe):
    found = judged(shifted(2e-6), probe).to_dict()

    assert found["max_difference"] == pytest.approx(2e-6, abs=1e-7)
    assert found["rows"] == 300
    assert found["nearer"] == "original"


@pytest.mark.parametrize("odd", [True, False])
def test_a_difference_is_refused(probe, odd):
    with pytest.raises(
        ParityError,
        match=r"original to 1e-05. Received: max \|difference\|=0.001 on these "
        r"\(\w+, 300 rows\). .* double precision the original is off by .*Raise it$",
    ):
        judged(shifted(1e-3), probe, odd=odd)


@pytest.mark.parametrize("odd", [True, False])
def test_nan_where_the_original_has_none_is_refused(probe, odd):
    def broken(x, y):
        return np.where(y == 3, np.float32(np.nan), original(x, y))

    with pytest.raises(ParityError, match=r"NaN where the original does, and nowhere"):
        judged(broken, probe, odd=odd)


def test_a_lost_nan_is_refused(probe):
    with pytest.raises(ParityError, match=r"instead of nan in row 7 of these \(1 such"):
        judged(lambda x, y: np.nan_to_num(original(x, y)), probe)


def test_rows_that_depend_on_each_other_are_refused(probe):
    def leaky(x, y):
        spoiled = np.isinf(x).any()
        return original(x, y) + np.float32(0.1 * spoiled)

    with pytest.raises(ParityError, match=r"cmssw_batches|beside_garbage"):
        judged(leaky, probe)


def unstable(x, y):
    """A graph that overflows where x is huge, and loses its digits nearby."""
    scores = np.where(np.abs(x[:, :1]) > 1e30, np.float32(np.nan), original(x, y))
    return np.where(np.abs(x[:, :1]) == 1e20, np.float32(0.3), scores)


@pytest.fixture
def huge(probe):
    probe.features[[20, 21], 0] = 3e38, 1e20
    return probe


def test_rows_beyond_single_precision_are_counted(huge):
    proof = judged(original, huge, odd=True, first=unstable)

    assert (proof.unstable, proof.unstable_nan) == (2, 1)
    assert proof.unstable_difference == pytest.approx(0.7)
    assert proof.max_difference == 0.0


@pytest.mark.parametrize(("odd", "exact"), [(False, truth), (True, None)])
def test_tracks_are_never_beyond_it(huge, odd, exact):
    with pytest.raises(ParityError):
        judged(original, huge, odd=odd, exact=exact, first=unstable)


def test_an_odd_row_may_be_nearer_to_the_truth(probe):
    def off(x, y):
        return original(x, y) + np.float32(9e-6)

    def other(x, y):
        return original(x, y) - np.float32(9e-6)

    assert judged(other, probe, odd=True, first=off).max_difference > 1e-5
    with pytest.raises(ParityError):
        judged(other, probe, odd=False, first=off)


def test_equal_infinities_are_equal(rows):
    def endless(x, y):
        return np.full((len(x), 1), np.float32(np.inf))

    assert judged(endless, rows, first=endless, exact=None).max_difference == 0.0
