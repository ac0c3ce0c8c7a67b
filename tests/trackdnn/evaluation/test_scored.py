import dataclasses

import numpy as np

from trackdnn.evaluation.scored import NO_VALUE, from_ntuple, from_probability


def with_mva(tracks, values):
    return dataclasses.replace(tracks, extras={"trk_mva": values.astype(np.float32)})


def test_probability_ranks_where_the_score_rounds_together():
    p = np.array([1e-12, 1e-10, 0.5], np.float32)

    found = from_probability("network", "Network", p)

    assert len(set(found.score)) == 2
    assert len(set(found.ranking)) == 3


def test_ntuple_scores_are_taken_as_they_are(tracks):
    found, remark = from_ntuple(tracks)

    np.testing.assert_array_equal(found.score, tracks.extras["trk_mva"])
    assert (found.title, found.probability, remark) == ("trk_mva", False, "")


def test_ntuple_without_scores_has_none(tracks):
    assert from_ntuple(dataclasses.replace(tracks, extras={})) == (None, "")


def test_ntuple_scores_that_are_all_equal_are_left_out(tracks):
    found, remark = from_ntuple(with_mva(tracks, np.zeros(len(tracks))))

    assert found is None
    assert remark == "trk_mva is the same for all tracks and left out"


def test_ntuple_scores_that_are_nan_fail_every_cut(tracks):
    values = tracks.extras["trk_mva"].copy()
    values[:3] = np.nan

    found, remark = from_ntuple(with_mva(tracks, values))

    assert (found.score[:3] == NO_VALUE).all()
    assert remark == "trk_mva is NaN for 3 tracks, which fail every cut"
