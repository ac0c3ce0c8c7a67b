from __future__ import annotations

import numpy as np
import pytest

from export.conversion import batchings
from export.errors import ParityError
from export.parity import Probe


def score(features, category):
    with np.errstate(over="ignore"):
        return np.nan_to_num(features[:, :1]) + category


@pytest.fixture
def many():
    rng = np.random.default_rng(1)
    return Probe(
        rng.normal(size=(20_000, 6)).astype(np.float32),
        rng.normal(size=(20_000, 1)).astype(np.float32),
    )


def test_pieces_are_put_together(many):
    seen = []

    def runtime(features, category):
        seen.append(len(features))
        return score(features, category)

    scores = batchings.scores_of(runtime, many, "graph")

    np.testing.assert_array_equal(scores, score(many.features, many.category))
    assert seen == [8192, 8192, 3616]


def test_every_batching_gives_the_rows_in_their_order(many):
    found = list(batchings.batchings(score, many, "graph"))

    names = [name for name, _, _ in found]
    assert names == [
        *("batch_0", "batch_1", "batch_16", "batch_17"),
        *("cmssw_batches", "beside_garbage"),
    ]
    whole = score(many.features, many.category)
    for _, scores, size in found:
        np.testing.assert_array_equal(scores, whole[:size])


def test_every_other_row_is_garbage(rows):
    seen = []

    def runtime(features, category):
        seen.append(features)
        return score(features, category)

    scores = batchings.beside_garbage(runtime, rows)

    np.testing.assert_array_equal(scores, score(rows.features, rows.category))
    strangers = seen[0][1::2]
    assert np.isnan(strangers).any()
    assert np.isinf(strangers).any()


def test_what_does_not_run_is_one_line(rows):
    def broken(features, category):
        raise RuntimeError("no kernel\nat line 5")

    with pytest.raises(ParityError, match=r"must run on 300 rows. .* kernel\."):
        batchings.scores_of(broken, rows, "graph")


@pytest.mark.parametrize("wrong", [lambda s: s[:, 0], lambda s: s.astype(float)])
def test_another_form_is_refused(rows, wrong):
    with pytest.raises(ParityError, match=r"float32 scores of shape \(300, 1\)"):
        batchings.scores_of(
            lambda x, y: wrong(score(x, y).astype(np.float32)), rows, "graph"
        )


def test_batchings_name_the_one_that_does_not_run(rows):
    def runtime(features, category):
        if np.isnan(features).any():
            raise IndexError("index -9 is out of bounds")
        return score(features, category)

    wanted = r"graph \(cmssw_batches\) must run on .*IndexError: index -9"
    with pytest.raises(ParityError, match=wanted):
        list(batchings.batchings(runtime, rows, "graph"))
