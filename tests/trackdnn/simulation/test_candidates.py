import numpy as np

from trackdnn.simulation.layers import BETWEEN, INNER, OUTER


def test_read_candidates_finds_the_measurements_that_acts_counts(acts_run):
    for measurements, _, found in acts_run.containers:
        assert [len(hits) for hits in found.hits] == measurements.tolist()


def test_read_candidates_finds_the_holes_and_outliers_that_acts_counts(acts_run):
    for _, lost, found in acts_run.containers:
        counts = np.bincount(found.holes.track, minlength=len(lost))

        np.testing.assert_array_equal(counts, lost)


def test_read_candidates_sees_holes_in_all_zones(acts_run):
    zones = np.concatenate([found.zone for _, _, found in acts_run.containers])

    assert set(np.unique(zones)) == {INNER, BETWEEN, OUTER}


def test_read_candidates_has_one_charge_along_the_track(acts_run):
    for _, _, found in acts_run.containers:
        perigee, first = found.perigee[:, 4], found.first[:, 4]
        turned = np.sign(perigee) != np.sign(first)

        assert turned.mean() < 0.02 if len(turned) else True


def test_read_candidates_gives_states_of_shape_six(acts_run):
    for measurements, _, found in acts_run.containers:
        assert found.first.shape == found.last.shape == (len(measurements), 6)
        assert found.covariance.shape == (len(measurements), 6, 6)
