import math

import numpy as np
import pytest
from hist.intervals import clopper_pearson_interval

from trackdnn.evaluation.intervals import clopper_pearson, fraction, fractions


def binomial_tail(first, last, n, p):
    """Probability of first to last successes out of n, term by term."""
    return math.fsum(
        math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(first, last + 1)
    )


@pytest.mark.parametrize("n", [1, 2, 7, 40])
@pytest.mark.parametrize("confidence", [0.683, 0.95])
def test_clopper_pearson_ends_solve_the_binomial_sums(n, confidence):
    k = np.arange(n + 1)

    lower, upper = clopper_pearson(k, np.full(n + 1, n), confidence)

    tail = (1 - confidence) / 2
    for i in range(n + 1):
        if i > 0:
            assert binomial_tail(i, n, n, lower[i]) == pytest.approx(tail, rel=1e-9)
        if i < n:
            assert binomial_tail(0, i, n, upper[i]) == pytest.approx(tail, rel=1e-9)
    assert lower[0] == 0.0
    assert upper[-1] == 1.0


def test_clopper_pearson_equals_hist_for_all_counts_to_60():
    n, k = np.array([(n, k) for n in range(1, 61) for k in range(n + 1)]).T

    lower, upper = clopper_pearson(k, n, 0.683)
    peer = clopper_pearson_interval(k, n, 0.683)

    np.testing.assert_allclose(lower, peer[0], atol=1e-10)
    np.testing.assert_allclose(upper, peer[1], atol=1e-10)


@pytest.mark.parametrize("truth", [0.02, 0.5, 0.97])
def test_clopper_pearson_covers(truth):
    n, k = 50, np.arange(51)
    lower, upper = clopper_pearson(k, np.full(51, n), 0.683)

    covered = math.fsum(
        binomial_tail(i, i, n, truth) for i in k if lower[i] <= truth <= upper[i]
    )

    assert covered >= 0.683


def test_clopper_pearson_refuses_impossible_counts():
    with pytest.raises(ValueError, match=r"between 0 and `total`. Received: passed="):
        clopper_pearson([3], [2], 0.683)
    with pytest.raises(ValueError, match="passed="):
        clopper_pearson([-1], [2], 0.683)


def test_fractions_without_entries_have_no_value():
    found = fractions([0, 1], [0, 4], 0.683)

    assert np.isnan([found.value[0], found.lower[0], found.upper[0]]).all()
    assert found.to_list()[0] == {
        "passed": 0,
        "total": 0,
        "value": None,
        "lower": None,
        "upper": None,
    }
    assert found[1].value == 0.25


def test_fraction_lies_inside_its_interval():
    one = fraction(3, 10, 0.683)

    assert one.lower < one.value == 0.3 < one.upper
