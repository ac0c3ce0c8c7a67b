import dataclasses
import os
import time

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.labellings import random_labelling
from trackdnn.events.open import open_events
from trackdnn.tracking.found import from_labels, from_lists
from trackdnn.tracking.score import Score, good_weight, score_event

# A folder with real events of the challenge.
REAL = os.environ.get("TRACKDNN_TRACKML")


def slow_good_weight(labels, owner, weight):
    """As the challenge defines it, one track and one hit at a time."""
    score = 0.0
    for track in sorted(set(labels) - {-1}):
        hits = [hit for hit, label in enumerate(labels) if label == track]
        counts = {}
        for hit in hits:
            counts[owner[hit]] = counts.get(owner[hit], 0) + 1
        best = min(counts, key=lambda one: (-counts[one], one))
        if best == -1:
            continue
        in_event = sum(one == best for one in owner)
        if counts[best] / len(hits) > 0.5 and counts[best] / in_event > 0.5:
            score += sum(weight[hit] for hit in hits if owner[hit] == best)
    return score


def official_like(event):
    """The event with weights that are 0 for particles with fewer than 4 hits."""
    owner = event.owner()
    hits = np.append(event.particles.hits, 0)[owner]
    weight = np.where(hits >= 4, 1.0 / (1.0 + np.arange(len(owner))), 0.0)
    truth = dataclasses.replace(event.truth, weight=weight / max(weight.sum(), 1e-9))
    return dataclasses.replace(event, truth=truth)


def test_score_equals_plain_loops_on_a_thousand_random_labellings():
    scores = []
    for number in range(1000):
        owner, labels, weight, particles = random_labelling(number)

        fast = good_weight(labels, owner, weight, particles)

        slow = slow_good_weight(labels.tolist(), owner.tolist(), weight.tolist())
        assert abs(fast - slow) <= 1e-12 * max(slow, 1.0)
        scores.append(slow)
    # The comparison would say little about labellings without any good track.
    assert np.count_nonzero(scores) > 500
    assert len(set(scores)) > 500


def test_score_of_truth_is_one():
    event = official_like(toy_event(200, noise=100))

    score = score_event(event, from_labels(event.owner()))

    assert score.mean == pytest.approx(1.0, abs=1e-12)


def test_score_of_one_track_per_hit_is_zero():
    event = official_like(toy_event(200, noise=100))

    score = score_event(event, from_labels(np.arange(len(event))))

    assert score.mean == 0.0
    assert score.events == 1


def test_score_of_half_a_track_is_zero():
    owner = np.zeros(4, dtype=int)

    assert good_weight(np.array([0, 0, 1, 1]), owner, np.ones(4), 1) == 0.0
    assert good_weight(np.array([0, 0, 0, 1]), owner, np.ones(4), 1) == 3.0


def test_score_counts_only_hits_of_the_majority():
    owner, weight = np.array([0, 0, 0, 1]), np.array([1.0, 2.0, 4.0, 8.0])

    assert good_weight(np.zeros(4, dtype=int), owner, weight, 2) == 7.0


def test_score_takes_a_lone_hit_of_a_particle_with_one_hit():
    assert good_weight(np.array([0]), np.array([0]), np.ones(1), 1) == 1.0


def test_score_gives_a_shared_hit_to_the_longest_track():
    event = official_like(toy_event(1))
    every = list(range(len(event)))

    shared = score_event(event, from_lists([every[:4], every]))

    assert shared.mean == pytest.approx(1.0)


def test_score_is_normalised_and_tells_the_raw_sum():
    event = official_like(toy_event(50))
    truth = dataclasses.replace(event.truth, weight=event.truth.weight * 0.05)
    event = dataclasses.replace(event, truth=truth)

    score = score_event(event, from_labels(event.owner()))

    assert score.mean == pytest.approx(1.0)
    assert score.mean_weight == pytest.approx(0.05)
    assert score.to_dict()["score_unnormalised"] == score.mean_weight


def test_score_of_events_is_the_mean_of_their_scores():
    two = Score(events=1, weight=0.5, total=1.0, normalised=0.5) + Score(
        events=1, weight=0.02, total=0.02, normalised=1.0
    )

    assert two.mean == 0.75
    assert two.mean_weight == 0.26


def test_score_of_events_without_weights_is_none():
    empty = toy_event(0)
    noise = toy_event(0, noise=10)

    for event in (empty, noise):
        assert score_event(event, from_labels(event.owner())).mean is None


def test_score_takes_a_blink_on_a_large_event():
    event = official_like(toy_event(5000, noise=5000))
    start = time.process_time()

    score_event(event, from_labels(event.owner()))

    assert time.process_time() - start < 2.0


@pytest.mark.skipif(REAL is None, reason="needs TRACKDNN_TRACKML, a folder")
@pytest.mark.parametrize("folder", ["mini_event", "barrel_event1000"])
def test_score_of_real_events_is_one_for_truth_and_zero_for_single_hits(folder):
    for source in open_events([f"{REAL}/{folder}"]):
        event = source.load()
        owner, weight = event.owner(), event.truth.weight

        truth = score_event(event, from_labels(owner))
        single = score_event(event, from_labels(np.arange(len(event))))

        assert truth.mean == pytest.approx(1.0, abs=1e-12)
        assert truth.mean_weight == pytest.approx(weight.sum())
        assert single.mean == 0.0
