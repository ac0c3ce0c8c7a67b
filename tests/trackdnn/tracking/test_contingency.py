from collections import Counter

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.labellings import lists, random_labelling
from trackdnn.events.event import without_truth
from trackdnn.tracking.contingency import NOBODY, contingency, contingency_of
from trackdnn.tracking.found import from_labels, from_lists


def slow_pairs(owner, tracks):
    return [
        (number, particle, count)
        for number, hits in enumerate(lists(tracks))
        for particle, count in sorted(Counter(owner[hits].tolist()).items())
    ]


def slow_majority(owner, hits):
    counts = Counter(owner[hits].tolist())
    return min(counts, key=lambda one: (-counts[one], one)) if counts else NOBODY


def test_contingency_agrees_with_plain_counting():
    for number in range(300):
        owner, labels, _, particles = random_labelling(number)
        tracks = from_labels(labels)

        table = contingency(owner, tracks, particles)

        pairs = list(zip(table.track, table.particle, table.shared, strict=True))
        assert pairs == slow_pairs(owner, tracks)
        majority = [slow_majority(owner, hits) for hits in lists(tracks)]
        assert table.majority.tolist() == majority
        assert table.track_hits.sum() == (labels >= 0).sum()
        sizes = [(owner == one).sum() for one in range(particles)]
        assert table.particle_hits.tolist() == sizes


def test_contingency_gives_a_tie_to_noise_and_then_to_the_lower_row():
    owner = np.array([-1, 2, 1, 2, 1])

    table = contingency(owner, from_lists([[0, 1], [1, 2, 3, 4], []]), 3)

    assert table.majority.tolist() == [NOBODY, 1, NOBODY]


def test_contingency_has_no_share_of_noise():
    table = contingency(np.array([-1, -1, 0]), from_lists([[0, 2]]), 1)

    assert table.purity.tolist() == [0.5, 0.5]
    assert table.completeness.tolist() == [0.0, 1.0]


def test_contingency_counts_a_shared_hit_on_both_tracks():
    table = contingency(np.array([0, 0, 0]), from_lists([[0, 1], [1, 2]]), 1)

    assert table.shared.tolist() == [2, 2]
    assert table.particle_hits.tolist() == [3]


def test_contingency_of_nothing_is_empty():
    nothing = np.zeros(0, dtype=np.int32)

    table = contingency(nothing, from_lists([]), 0)

    assert len(table.track) == len(table.majority) == len(table.purity) == 0


def test_contingency_of_an_event_needs_truth():
    event = toy_event(3)

    with pytest.raises(ValueError, match="must have truth"):
        contingency_of(without_truth(event), from_lists([]))
    assert contingency_of(event, from_lists([[0]])).shared.tolist() == [1]
