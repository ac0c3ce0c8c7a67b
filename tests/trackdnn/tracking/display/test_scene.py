import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.display.events_with_tracks import every_kind, hits_of
from trackdnn.events.event import without_truth
from trackdnn.tracking.display.circles import transverse_momenta
from trackdnn.tracking.display.scene import LEAST_HITS, make_scene
from trackdnn.tracking.found import from_lists


def test_scene_has_the_hits_of_each_particle_along_its_way():
    event = toy_event(30, noise=10)

    truth = make_scene(event).truth

    for row in range(30):
        assert sorted(truth.lines[row]) == sorted(hits_of(event, row))
        assert (np.diff(event.hits.r[truth.lines[row]]) > 0).all()
    assert not truth.found.any()
    assert (truth.drawn == (event.particles.hits >= LEAST_HITS)).all()


def test_scene_tells_noise_only_where_there_is_truth():
    event = toy_event(10, noise=7)

    assert make_scene(event).noise.sum() == 7
    assert make_scene(without_truth(event)).noise.sum() == 0


def test_scene_takes_momenta_from_the_particle_or_from_a_circle():
    event, tracks = every_kind()

    found = make_scene(event, tracks).tracks

    assert found.pt[:6].tolist() == event.particles.pt[:6].tolist()
    assert found.eta[6] == event.particles.eta[0]
    circle = transverse_momenta(event.hits, found.lines)
    assert found.pt[7:] == pytest.approx(circle[7:], rel=1e-6)
    assert found.pt.dtype == found.eta.dtype == np.float32


def test_scene_orders_tracks_from_the_inside_out():
    event, _ = every_kind()
    own = hits_of(event, 1)

    found = make_scene(event, from_lists([own[::-1], []])).tracks

    assert found.lines[0].tolist() == own.tolist()
    assert found.lines.lengths.tolist() == [len(own), 0]


def test_scene_knows_which_particles_are_found():
    event, tracks = every_kind()

    truth = make_scene(event, tracks).truth

    assert np.flatnonzero(truth.found).tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("hits", [0, 1])
@pytest.mark.parametrize("known", [True, False])
def test_scene_of_next_to_nothing(hits, known):
    event = toy_event(3, noise=3).take(np.arange(hits))
    event = event if known else without_truth(event)

    scene = make_scene(event, from_lists([np.arange(hits)]))

    assert len(scene.hits) == hits
    assert len(scene.tracks.lines) == 1
