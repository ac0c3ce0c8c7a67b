from __future__ import annotations

import numpy as np

from export.conversion.trials import build_trials, generated_rows
from export.parity import Probe


def test_trials_are_tracks_plausible_rows_and_odd_ones(rows):
    transforms = ("absolute_log1p", "absolute", *("identity",) * 4)

    trials = build_trials(rows, transforms, rows)

    assert [trial.name for trial in trials] == ["tracks", "plausible rows", "odd rows"]
    assert [trial.odd for trial in trials] == [False, False, True]
    odd = trials[2].probe
    assert np.isnan(odd.features).any(axis=0).all()
    assert {-1.0, 0.0, 47.0, 99.0} <= set(odd.category[:, 0].tolist())
    # Spanning rows go half a width beyond the rows themselves.
    for column in range(2, 6):
        values = odd.features[:512, column]
        assert np.abs(values).max() > np.abs(rows.features[:, column]).max()


def test_without_tracks_there_are_two(rows):
    none = Probe(rows.features[:0], rows.category[:0])

    assert len(build_trials(rows, ("identity",) * 6)) == 2
    assert len(build_trials(rows, ("identity",) * 6, none)) == 2


def test_a_column_of_one_value_is_no_fault(rows):
    features = rows.features.copy()
    features[:, 2] = 4.0

    assert len(build_trials(Probe(features, rows.category), ("identity",) * 6)) == 2


def test_generated_rows_fit_any_width():
    probe = generated_rows(11)

    assert probe.features.shape == (512, 11)
    assert probe.features.dtype == probe.category.dtype == np.float32
    np.testing.assert_array_equal(generated_rows(11).features, probe.features)
