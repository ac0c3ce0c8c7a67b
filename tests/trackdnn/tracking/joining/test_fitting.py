import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.joining.pieces import broken
from trackdnn.errors import InputError
from trackdnn.events.event import without_truth
from trackdnn.settings.finding import JoiningSettings
from trackdnn.tracking.found import from_lists
from trackdnn.tracking.joining.fitting import fit_joining, particles_of

SETTINGS = JoiningSettings(eta=0.5, phi=1.5, trees=20)


def pieces(number, start=0):
    """Events, and a function that finds their edges and tracks."""
    made = [broken(60, seed=start + one) for one in range(number)]
    known = {one[0].hits.x.tobytes(): one[1:3] for one in made}

    def find(event):
        assert event.truth is None
        return known[event.hits.x.tobytes()]

    return [one[0] for one in made], find


def test_fitting_joins_pieces_of_other_events():
    events, find = pieces(8)
    made = fit_joining(SETTINGS, events, find, seed=1, threads=1)

    event, graph, tracks, parted = broken(60, seed=50)
    found = made.join(without_truth(event), graph, tracks, SETTINGS)

    owner = event.owner()
    pure = [track for track in found if len(set(owner[track])) == 1]
    assert len(parted) > 15
    assert len(tracks) - len(found) >= 0.9 * len(parted)
    assert len(found) - len(pure) <= 0.1 * len(parted)


def test_fitting_gives_the_same_joining_again():
    events, find = pieces(2)

    first, again = (
        fit_joining(SETTINGS, events, find, seed=2, threads=1) for _ in range(2)
    )

    assert first.trees.content == again.trees.content


def test_fitting_must_see_pieces():
    event, graph, tracks, _ = broken(10)
    whole = from_lists([track for track in tracks if len(track) > 8])

    with pytest.raises(InputError, match=r"one particle and of two\. Received: 0 of"):
        fit_joining(SETTINGS, [event], lambda blind: (graph, whole), seed=1)


def test_fitting_of_no_event_is_refused():
    with pytest.raises(InputError, match="0 of one and 0 of two"):
        fit_joining(SETTINGS, [], lambda event: None, seed=1)


def test_particles_of_tracks_made_more_than_half_of_them():
    event = toy_event(4, noise=6)
    owner = event.owner()
    rows = [np.flatnonzero(owner == one) for one in (0, 1, 2)]
    noise = np.flatnonzero(owner < 0)
    tracks = from_lists(
        [
            rows[2],
            np.concatenate([rows[0][:3], rows[1][:2]]),
            np.concatenate([rows[0][:2], rows[1][:2]]),
            np.concatenate([rows[1][:2], noise[:2]]),
            noise[:3],
        ]
    )

    assert particles_of(event, tracks).tolist() == [2, 0, -1, -1, -1]
