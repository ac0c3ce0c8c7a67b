import dataclasses

import numpy as np

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.display.events_with_tracks import every_kind
from trackdnn.events.event import without_truth
from trackdnn.tracking.display.verdicts import (
    DUPLICATE,
    FAKE,
    MATCHED,
    UNJUDGED,
    judge,
)
from trackdnn.tracking.found import from_lists


def slow_judge(event, tracks):
    """Kind of each track, as the definition reads."""
    owner = event.owner().tolist()
    found, kinds = {}, []
    for track in range(len(tracks)):
        makers = [owner[hit] for hit in tracks[track].tolist()]
        good = None
        for one in set(makers) - {-1}:
            shared = makers.count(one)
            if 2 * shared > len(makers) and 2 * shared > owner.count(one):
                good = (one, shared)
        kinds.append(good)
        if good:
            found.setdefault(good[0], []).append((-good[1], track))
    best = {min(tracks)[1] for tracks in found.values()}
    return [
        FAKE if good is None else MATCHED if track in best else DUPLICATE
        for track, good in enumerate(kinds)
    ]


def test_verdicts_are_those_of_tracks_made_to_be_so():
    event, tracks = every_kind()

    found = judge(event, tracks)

    assert found.kind.tolist() == [MATCHED] * 6 + [DUPLICATE, FAKE, FAKE]
    assert found.particle[:8].tolist() == [0, 1, 2, 3, 4, 5, 0, -1]
    assert found.purity[:7].tolist() == [1.0] * 7
    assert found.share[:6].tolist() == [1.0] * 6
    assert 0.5 < found.share[6] < 1.0
    assert found.purity[8] == 0.25
    assert found.matched.tolist() == [True] * 7 + [False] * 2


def test_verdicts_of_random_tracks_agree_with_the_slow_twin():
    event = toy_event(10, noise=10)
    rng = np.random.default_rng(3)
    owner = event.owner()
    lists = []
    for _ in range(300):
        mostly = np.flatnonzero(owner == rng.integers(-1, 10))
        other = rng.integers(0, len(event), rng.integers(0, 6))
        some = mostly[rng.random(len(mostly)) < rng.random()]
        lists.append(np.unique(np.concatenate([some, other])))
    tracks = from_lists(lists)

    found = judge(event, tracks).kind.tolist()

    assert found == slow_judge(event, tracks)
    assert {MATCHED, DUPLICATE, FAKE} == set(found)


def test_verdicts_without_truth_are_open():
    event, tracks = every_kind()

    found = judge(without_truth(event), tracks)

    assert set(found.kind.tolist()) == {UNJUDGED}
    assert not found.matched.any()


def test_verdicts_of_no_tracks_and_of_noise_alone():
    event = toy_event(5, noise=8)

    assert len(judge(event, from_lists([])).kind) == 0
    noise = dataclasses.replace(
        event,
        truth=dataclasses.replace(
            event.truth, particle_id=np.zeros(len(event), dtype=np.int64)
        ),
    )
    assert judge(noise, from_lists([[0, 1, 2]])).kind.tolist() == [FAKE]
