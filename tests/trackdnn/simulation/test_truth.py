from collections import Counter

import numpy as np

from trackdnn.simulation.truth import count_shared, match_tracks


def slow_match(tracks):
    """The rule in words: the particle with most measurements, and its share."""
    best = []
    for particles in tracks:
        counts = Counter(p for p in particles if p >= 0)
        if not counts:
            best.append((-1, 0.0))
            continue
        most = max(counts.values())
        particle = min(p for p, count in counts.items() if count == most)
        best.append((particle, most / len(particles)))
    return best


def match(tracks):
    flat = np.array([p for track in tracks for p in track], dtype=np.int64)
    return match_tracks(flat, np.array([len(track) for track in tracks], dtype=int))


def test_match_tracks_equals_the_loop():
    rng = np.random.default_rng(1)
    tracks = [rng.integers(-1, 4, rng.integers(1, 15)).tolist() for _ in range(500)]

    found = match(tracks)

    expected = slow_match(tracks)
    assert found.particle.tolist() == [particle for particle, _ in expected]
    np.testing.assert_allclose(found.share, [share for _, share in expected])


def test_match_tracks_calls_exactly_three_quarters_a_fake():
    found = match([[1, 1, 1, 2], [1, 1, 1, 1, 2]])

    assert found.is_true.tolist() == [False, True]


def test_match_tracks_of_an_empty_event_is_empty():
    found = match([])

    assert len(found.particle) == len(found.share) == len(found.is_true) == 0


def test_match_tracks_without_particles_is_a_fake():
    found = match([[-1, -1, -1]])

    assert found.particle.tolist() == [-1]
    assert not found.is_true.any()


def test_count_shared_equals_the_loop():
    rng = np.random.default_rng(2)
    tracks = [rng.choice(60, rng.integers(3, 9), replace=False) for _ in range(20)]

    shared = count_shared(np.concatenate(tracks), np.array([len(t) for t in tracks]))

    for i, track in enumerate(tracks):
        others = {hit for j, other in enumerate(tracks) if j != i for hit in other}
        assert shared[i] == sum(hit in others for hit in track)
