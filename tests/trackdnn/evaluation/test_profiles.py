import dataclasses

import numpy as np
import pytest

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.evaluation.profiles import Variable, bin_index, profile, variables


def test_profile_counts_equal_a_loop_over_tracks(tracks, predict):
    passed = predict(tracks) > 0.5

    for variable in variables(tracks):
        found = profile(variable, tracks.label, passed, 0.683)

        bins = len(variable.edges) - 1
        counts = np.zeros((bins, 4), int)
        outside = 0
        for value, true, ok in zip(variable.values, tracks.label, passed, strict=True):
            for b in range(bins):
                low, high = variable.edges[b : b + 2]
                if low <= value < high or (b == bins - 1 and value == high):
                    counts[b, 2 * true + ok] += 1
                    break
            else:
                outside += 1
        fake_out, fake_in, true_out, true_in = counts.T
        assert found.outside == outside
        np.testing.assert_array_equal(found.efficiency.passed, true_in)
        np.testing.assert_array_equal(found.efficiency.total, true_in + true_out)
        np.testing.assert_array_equal(found.fake_acceptance.passed, fake_in)
        np.testing.assert_array_equal(found.fake_acceptance.total, fake_in + fake_out)
        np.testing.assert_array_equal(found.fake_rate.passed, fake_in)
        np.testing.assert_array_equal(found.fake_rate.total, fake_in + true_in)
        np.testing.assert_array_equal(found.fake_rate_before.total, counts.sum(axis=1))


def test_variables_are_those_of_the_report(tracks):
    names = [variable.name for variable in variables(tracks)]

    assert names == ["pt", "eta", "phi", "dxy", "n_vertices"]


def test_variables_do_without_vertices(tracks):
    bare = dataclasses.replace(tracks, extras={})

    assert [one.name for one in variables(bare)] == ["pt", "eta", "phi", "dxy"]


def test_edges_hold_all_ordinary_tracks(tracks):
    for variable in variables(tracks):
        which = bin_index(variable.values, variable.edges)

        assert np.mean(which >= 0) > 0.999
        assert np.all(np.diff(variable.edges) > 0)


def test_variables_survive_inputs_that_are_no_numbers(tracks):
    features = tracks.features.copy()
    features[:] = np.nan
    bad = dataclasses.replace(
        tracks,
        features=features,
        extras={"n_vertices": np.full(len(tracks), np.nan, np.float32)},
    )

    for variable in variables(bad):
        found = profile(variable, bad.label, bad.label, 0.683)

        assert found.outside == len(bad)
        assert found.to_dict()["efficiency"][0]["value"] is None


def test_whole_numbers_of_vertices_lie_inside_bins(tracks):
    extras = {"n_vertices": np.full(len(tracks), 37, np.float32)}
    same = dataclasses.replace(tracks, extras=extras)

    edges = variables(same)[-1].edges

    np.testing.assert_array_equal(edges, [36.5, 37.5])


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, 0), (0.5, 0), (1.0, 1), (2.0, 1), (2.1, -1), (-0.1, -1), (np.nan, -1)],
)
def test_bin_index_closes_the_last_bin(value, expected):
    edges = np.array([0.0, 1.0, 2.0])

    assert bin_index(np.array([value]), edges)[0] == expected


def test_eta_edges_follow_the_tracks(tracks):
    features = tracks.features.copy()
    features[0, FEATURE_NAMES.index("eta")] = -3.9
    wide = dataclasses.replace(tracks, features=features)

    assert variables(wide)[1].edges[0] == -4.0


def test_variable_keeps_its_title_and_unit(tracks):
    titles = {one.name: one.title for one in variables(tracks)}

    assert titles["pt"].endswith("[GeV]")
    assert titles["dxy"].endswith("[cm]")
    assert isinstance(variables(tracks)[0], Variable)
