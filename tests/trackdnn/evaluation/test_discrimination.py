import numpy as np
import pytest

from trackdnn.evaluation.discrimination import discriminate
from trackdnn.settings import EvaluationSettings


def run(scores, label, **settings):
    event = np.arange(len(label), dtype=np.uint64) // np.uint64(10)
    return discriminate(
        scores,
        label,
        event,
        EvaluationSettings(**settings),
        np.random.default_rng(1),
    )


def test_discriminate_counts_what_passes_at_each_efficiency():
    random = np.random.default_rng(2)
    label = random.random(500) < 0.6
    scores = random.normal(label * 1.0)

    found = run(scores, label, efficiencies=(0.9, 0.95), bootstrap=20)

    assert (found.true, found.fake) == (label.sum(), (~label).sum())
    assert found.auc_interval[0] < found.auc < found.auc_interval[1]
    for point in found.points:
        passed = scores >= point.threshold
        assert point.efficiency.passed == np.sum(passed & label)
        assert point.fake_acceptance.passed == np.sum(passed & ~label)
        assert point.fake_acceptance.total == np.sum(~label)
        assert point.fake_rate.value == np.sum(passed & ~label) / np.sum(passed)
        assert point.efficiency.value >= point.target
        assert point.bootstrap[0] <= point.fake_acceptance.value <= point.bootstrap[1]


@pytest.mark.parametrize("truth", [True, False])
def test_discriminate_of_one_class_has_no_area(truth):
    found = run(np.arange(4.0), np.full(4, truth))

    assert (found.auc, found.points) == (None, ())
    assert found.true + found.fake == 4
