import numpy as np
import pytest

from trackdnn.evaluation.calibration import calibrate


def sample(count=2000):
    random = np.random.default_rng(1)
    p = random.random(count).astype(np.float32)
    p[:3] = 0.0, 1.0, 0.5
    return p, random.random(count) < p**2


@pytest.mark.parametrize("bins", [1, 4, 20])
def test_calibration_equals_loop_over_bins(bins):
    p, label = sample()

    found = calibrate(p, label, 0.683, bins)

    error = 0.0
    for b in range(bins):
        inside = [
            i
            for i in range(len(p))
            if b <= float(p[i]) * bins < b + 1 or (b == bins - 1 and p[i] == 1)
        ]
        mean = np.mean(p[inside], dtype=np.float64)
        share = np.mean(label[inside])
        assert found.predicted[b] == pytest.approx(mean)
        assert found.observed.value[b] == pytest.approx(share)
        assert found.observed.total[b] == len(inside)
        error += len(inside) / len(p) * abs(mean - share)
    assert found.error == pytest.approx(error)


def test_calibration_of_a_calibrated_score_has_a_small_error():
    random = np.random.default_rng(2)
    p = random.random(200_000)

    found = calibrate(p, random.random(200_000) < p, 0.683)

    assert found.error < 0.01


def test_calibration_marks_empty_bins():
    found = calibrate(np.array([0.1, 0.1]), np.array([True, False]), 0.683, 2)

    content = found.to_dict()
    assert content["predicted"] == [0.1, None]
    assert content["observed"][1]["value"] is None
    assert content["expected_calibration_error"] == pytest.approx(0.4)
