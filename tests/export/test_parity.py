from __future__ import annotations

import numpy as np
import pytest

from export import parity
from export.errors import ParityError


def slow_score(features, category):
    """A row-wise stand-in for a network: finite whatever comes in."""
    clean = np.clip(np.nan_to_num(features.astype(np.float64)), -5, 5)
    total = clean.sum(axis=1, keepdims=True) + np.clip(np.nan_to_num(category), -9, 9)
    return (1 / (1 + np.exp(-total / 10))).astype(np.float32)


@pytest.fixture(scope="module")
def probe(spec):
    return parity.build_probe(spec)


@pytest.fixture(scope="module")
def reference(probe):
    return slow_score(probe.features, probe.category)


def compare(runtime, probe, reference, tolerance=1e-6):
    return parity.compare(runtime, probe, reference, tolerance=tolerance, name="copy")


def test_probe_holds_odd_values_in_every_column(probe, spec):
    for column in range(spec.width):
        values = probe.features[:, column]
        finite = values[np.isfinite(values)]
        assert np.isnan(values).any()
        assert np.isposinf(values).any()
        assert np.isneginf(values).any()
        assert {np.float32(parity.SENTINEL), np.finfo(np.float32).max} <= set(finite)
        assert ((finite != 0) & (np.abs(finite) < 1e-38)).any()


def test_probe_holds_the_edges_of_every_range(probe, spec):
    for column in range(spec.width):
        for end in (spec.lower[column], spec.upper[column]):
            raw = np.float32(parity.raw_value(spec, column, end))
            values = probe.features[:, column]
            assert (values == raw).any()
            assert (values == np.nextafter(raw, np.float32(np.inf))).any()
            assert (values == np.nextafter(raw, np.float32(-np.inf))).any()


def test_probe_holds_known_unknown_and_impossible_categories(probe, spec):
    values = set(probe.category.ravel().tolist())

    assert set(spec.vocabulary) | {-1.0, 25.0, 99.0, np.inf} <= values
    assert np.isnan(probe.category).any()


def test_probe_draws_rows_of_the_sample(spec, tracks):
    sample = parity.Probe(*tracks)

    probe = parity.build_probe(spec, sample)

    rows = {row.tobytes() for row in probe.features}
    assert sum(row.tobytes() in rows for row in sample.features) == len(sample)


def test_probe_is_the_same_twice(spec, probe):
    again = parity.build_probe(spec)

    np.testing.assert_array_equal(again.features, probe.features)
    np.testing.assert_array_equal(again.category, probe.category)


def test_raw_value_undoes_the_transform(spec):
    raw = parity.raw_value(spec, 20, 1.5)

    assert np.log1p(raw / spec.scales[20]) == pytest.approx(1.5)
    assert parity.raw_value(spec, 17, -2.0) == -2.0


def test_compare_gives_the_figures(probe, reference):
    def rounded(features, category):
        return slow_score(features, category) + np.float32(5e-7)

    figures = compare(rounded, probe, reference)

    assert figures["rows"] == len(probe)
    assert figures["max_difference"] == pytest.approx(5e-7, abs=1e-7)


def test_compare_raises_on_a_difference(probe, reference):
    def off(features, category):
        return slow_score(features, category) + np.float32(1e-4)

    with pytest.raises(ParityError, match=r"copy must reproduce .* 1e-06. Received"):
        compare(off, probe, reference)


def test_compare_raises_when_rows_depend_on_each_other(probe, reference):
    def normalised(features, category):
        scores = slow_score(features, category)
        return scores - (scores.mean() / 10 if len(scores) == 16 else 0)

    with pytest.raises(ParityError, match=r"batch_|cmssw_batches"):
        compare(normalised, probe, reference)


def test_compare_raises_on_a_score_that_is_not_a_number(probe, reference):
    def plain(features, category):
        with np.errstate(all="ignore"):
            return slow_score(features, category) + 0 * features[:, :1]

    with pytest.raises(ParityError, match=r"finite scores for every input.*nan in row"):
        compare(plain, probe, reference)


def test_compare_raises_on_another_shape(probe, reference):
    def flat(features, category):
        return slow_score(features, category).ravel()

    with pytest.raises(ParityError, match=r"float32 scores of shape"):
        compare(flat, probe, reference)


def test_compare_raises_when_the_runtime_does(probe, reference):
    def broken(features, category):
        raise RuntimeError("no kernel")

    with pytest.raises(ParityError, match=r"must run on .* rows. Received: no kernel"):
        compare(broken, probe, reference)


def test_compare_sample_gives_rows_and_difference(probe, reference):
    figures = parity.compare_sample(
        slow_score, probe, reference, tolerance=1e-6, name="copy"
    )

    assert figures == {"rows": len(probe), "max_difference": 0.0}


def test_compare_sample_raises_on_a_difference(probe, reference):
    with pytest.raises(ParityError, match=r"on the sample. Received"):
        parity.compare_sample(
            slow_score, probe, reference + 1, tolerance=1e-6, name="copy"
        )


@pytest.mark.parametrize("rows", [0, 5, 16, 17, 32])
def test_cmssw_batches_hold_sixteen_rows_and_garbage(probe, rows):
    seen = []

    def runtime(features, category):
        seen.append((features.shape, np.isnan(features).any()))
        return slow_score(features, category)

    part = parity.Probe(probe.features[:rows], probe.category[:rows])
    scores = parity.in_cmssw_batches(runtime, part)

    np.testing.assert_array_equal(scores, slow_score(part.features, part.category))
    assert [shape for shape, _ in seen] == [(16, 29)] * (rows // 16 + 1)
    assert seen[-1][1]
