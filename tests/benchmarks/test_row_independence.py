"""The figures of row independence, on functions that have it and one that has not."""

from __future__ import annotations

import numpy as np

from benchmarks import row_independence as module
from export.parity import Probe


def rows(count=300):
    rng = np.random.default_rng(6)
    features = rng.normal(size=(count, 4)).astype(np.float32)
    return Probe(features, np.full((count, 1), 4, np.float32))


def test_function_of_single_rows_differs_nowhere():
    found = module.differences(lambda x, y: np.tanh(x[:, :1]), rows())

    assert list(found) == [*map(str, module.SIZES), "order", "garbage"]
    assert set(found.values()) == {0.0}


def test_function_of_the_batch_is_found():
    def leaning(features, category):
        value = np.clip(np.nan_to_num(features[:, :1]), -5, 5)
        return (value - value.mean()).astype(np.float32)

    found = module.differences(leaning, rows())

    assert min(found[key] for key in ("1", "16", "garbage")) > 1e-3


def test_scores_that_are_not_finite_are_infinitely_far():
    def fragile(features, category):
        broken = np.isnan(features).any()
        return np.full((len(features), 1), np.nan if broken else 0.5, np.float32)

    assert module.differences(fragile, rows())["garbage"] == np.inf


def test_table_shows_zero_where_scores_are_equal():
    text = module.table({"one": {"16": 0.0, "order": 2.5e-7}})

    assert text.header == ("Model", "16", "order")
    assert text.rows == (("one", "0", "2.5e-07"),)


def test_command_refuses_what_is_no_bundle(tmp_path, capsys):
    assert module.main([str(tmp_path)]) == 2
    assert "must hold a manifest.json" in capsys.readouterr().err
