from __future__ import annotations

from pathlib import Path

import numpy as np

from trackdnn.inference.scored import ScoredEvents, score_of


def test_score_is_computed_in_single_precision():
    probability = np.float32([0.0, 0.1, 0.5, 1.0])

    score = score_of(probability)

    assert score.dtype == np.float32
    np.testing.assert_array_equal(score, np.float32(2) * probability - np.float32(1))


def test_entries_count_on_from_the_start():
    events = ScoredEvents(
        path=Path("a.root"),
        number=0,
        start=7,
        counts=np.array([2, 0, 1]),
        identity={},
        category=np.zeros(3, np.int32),
        probability=np.zeros(3, np.float32),
        passing={},
    )

    assert events.entry.tolist() == [7, 8, 9]
    assert events.score.tolist() == [-1, -1, -1]
