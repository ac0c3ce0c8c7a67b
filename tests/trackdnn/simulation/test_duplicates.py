import numpy as np

from trackdnn.simulation.duplicates import TrackList, rank


def slow_merge(tracks, fraction):
    """Keep a track unless it shares too much with one kept before."""
    kept = []
    for track in tracks:
        shares = [len(set(track) & set(other)) for other in kept]
        if not shares or max(shares) <= fraction * len(track):
            kept.append(track)
    return kept


def test_track_list_equals_the_loop():
    rng = np.random.default_rng(1)
    tracks = [rng.choice(30, 6, replace=False).tolist() for _ in range(300)]

    kept = TrackList(0.5).add(tracks, algo=4)

    chosen = [track for track, keep in zip(tracks, kept, strict=True) if keep]
    assert chosen == slow_merge(tracks, 0.5)


def test_track_list_notes_both_passes_of_a_duplicate():
    tracks = TrackList(0.5)

    tracks.add([[1, 2, 3, 4]], algo=4)
    kept = tracks.add([[1, 2, 3, 9], [20, 21, 22, 23]], algo=9)

    assert kept == [False, True]
    assert tracks.masks == [1 << 4 | 1 << 9, 1 << 9]


def test_track_list_keeps_a_track_that_shares_exactly_the_fraction():
    assert TrackList(0.5).add([[1, 2, 3, 4], [1, 2, 8, 9]], algo=4) == [True, True]


def test_track_list_with_fraction_one_keeps_copies():
    assert TrackList(1.0).add([[1, 2, 3], [1, 2, 3]], algo=4) == [True, True]


def test_rank_prefers_more_hits_then_fewer_losses_then_chi2():
    valid = np.array([8, 9, 9, 9])
    lost = np.array([0, 2, 0, 0])
    chi2 = np.array([1.0, 1.0, 9.0, 3.0])

    assert rank(valid, lost, chi2).tolist() == [3, 2, 0, 1]
