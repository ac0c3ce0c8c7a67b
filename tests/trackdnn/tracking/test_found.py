import numpy as np
import pytest

from trackdnn.tracking.found import NO_TRACK, from_labels, from_lists


def test_found_tracks_are_lists_of_hits():
    tracks = from_lists([[3, 1], [], [2, 1, 0]])

    assert len(tracks) == 3
    assert [tracks[i].tolist() for i in range(3)] == [[3, 1], [], [2, 1, 0]]
    assert tracks.lengths.tolist() == [2, 0, 3]
    assert tracks.track_of_entry().tolist() == [0, 0, 2, 2, 2]


def test_found_labels_give_a_shared_hit_to_the_longest_track():
    tracks = from_lists([[3, 1], [2, 1, 0], [4, 2, 5]])

    assert tracks.labels(7).tolist() == [1, 1, 1, 0, 2, 2, NO_TRACK]


@pytest.mark.parametrize("least", [1, 2, 3])
def test_found_from_labels_equals_plain_loops(least):
    labels = np.random.default_rng(least).integers(-2, 12, 40)

    tracks = from_labels(labels, least)

    expected = [
        np.flatnonzero(labels == label).tolist()
        for label in sorted(set(labels.tolist()))
        if label >= 0 and np.sum(labels == label) >= least
    ]
    assert [tracks[i].tolist() for i in range(len(tracks))] == expected


def test_found_from_labels_and_back():
    labels = np.array([0, 2, 2, -1, 0, 1])

    assert from_labels(labels).labels(6).tolist() == labels.tolist()


@pytest.mark.parametrize("tracks", [from_lists([]), from_labels(np.zeros(0, "i4"))])
def test_found_nothing(tracks):
    assert len(tracks) == 0
    assert tracks.labels(3).tolist() == [NO_TRACK] * 3


def test_take_keeps_tracks_in_their_order():
    tracks = from_lists([[4, 1, 2], [0, 3], [5], [7, 6]])

    kept = tracks.take(np.array([True, False, True, True]))

    assert [track.tolist() for track in kept] == [[4, 1, 2], [5], [7, 6]]
    assert len(tracks.take(np.zeros(4, dtype=bool))) == 0
