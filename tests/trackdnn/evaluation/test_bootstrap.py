import numpy as np
import pytest

from trackdnn.evaluation.bootstrap import bootstrap_intervals
from trackdnn.evaluation.metrics import auc


def sample(events=30, seed=1):
    random = np.random.default_rng(seed)
    event = np.repeat(np.arange(events, dtype=np.uint64), 5)
    label = random.random(len(event)) < 0.5
    return np.round(random.normal(label * 1.0), 1), label, event


def by_copies(scores, label, event, target, replicas, random):
    """Replicas made by copying the tracks of each drawn event."""
    events = np.unique(event)
    rows = []
    for _ in range(replicas):
        drawn = random.integers(0, len(events), len(events))
        at = np.concatenate([np.flatnonzero(event == events[i]) for i in drawn])
        s, t = scores[at], label[at]
        cuts = sorted(set(s), reverse=True)
        reached = [c for c in cuts if np.sum(t & (s >= c)) >= target * t.sum()]
        fakes = np.sum(~t & (s >= reached[0])) / (~t).sum()
        rows.append((auc(s, t), fakes))
    return np.quantile(rows, [0.1585, 0.8415], axis=0)


def test_bootstrap_equals_copying_the_tracks_of_drawn_events():
    scores, label, event = sample()

    found = bootstrap_intervals(
        scores,
        label,
        event,
        efficiencies=[0.9],
        replicas=40,
        confidence=0.683,
        random=np.random.default_rng(5),
    )

    twin = by_copies(scores, label, event, 0.9, 40, np.random.default_rng(5))
    np.testing.assert_allclose(found.auc, twin[:, 0], atol=1e-12)
    np.testing.assert_allclose(found.fake_acceptance[0], twin[:, 1], atol=1e-12)


def test_bootstrap_depends_on_its_seed_only():
    scores, label, event = sample()

    def run(seed):
        return bootstrap_intervals(
            scores,
            label,
            event,
            efficiencies=[0.95],
            replicas=20,
            confidence=0.683,
            random=np.random.default_rng(seed),
        )

    assert run(1) == run(1)
    assert run(1) != run(2)


@pytest.mark.parametrize(("replicas", "events"), [(0, 30), (20, 1)])
def test_bootstrap_without_replicas_or_events_has_no_interval(replicas, events):
    scores, label, event = sample(events)
    label[:2] = True, False

    found = bootstrap_intervals(
        scores,
        label,
        event,
        efficiencies=[0.9, 0.99],
        replicas=replicas,
        confidence=0.683,
        random=np.random.default_rng(1),
    )

    assert found.auc is None
    assert found.fake_acceptance == (None, None)


def test_bootstrap_leaves_out_replicas_of_one_class():
    scores = np.array([1.0, 0.0])
    label = np.array([True, False])

    found = bootstrap_intervals(
        scores,
        label,
        np.array([1, 2], np.uint64),
        efficiencies=[],
        replicas=30,
        confidence=0.683,
        random=np.random.default_rng(1),
    )

    assert found.auc == (1.0, 1.0)
