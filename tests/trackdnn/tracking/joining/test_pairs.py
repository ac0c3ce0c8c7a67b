import math

import numpy as np
import pytest

from tests.trackdnn.tracking.joining.pieces import broken
from trackdnn.events.event import Hits
from trackdnn.settings.finding import JoiningSettings
from trackdnn.tracking.found import from_lists
from trackdnn.tracking.joining.pairs import direction, ends_of, pairs_of


def slowly(hits, tracks, eta, phi, gap):
    """All pairs whose ends look at each other, in loops."""
    place = np.stack([hits.x, hits.y, hits.z], axis=1).astype(float)

    def towards(start, end):
        x, y, z = place[end] - place[start]
        return math.asinh(z / math.hypot(x, y)), math.atan2(y, x)

    def near(one, other):
        turn = (one[1] - other[1] + math.pi) % (2 * math.pi) - math.pi
        return abs(one[0] - other[0]) < eta and abs(turn) < phi

    found = []
    for i, inner in enumerate(tracks):
        for j, outer in enumerate(tracks):
            if hits.distance[inner[-1]] >= hits.distance[outer[0]]:
                continue
            if abs(place[outer[0]] - place[inner[-1]]).max() >= gap:
                continue
            leaving = towards(inner[-2], inner[-1])
            coming = towards(outer[0], outer[1])
            way = towards(inner[-1], outer[0])
            if near(leaving, coming) and near(way, leaving) and near(way, coming):
                found.append((i, j))
    return found


@pytest.mark.parametrize(
    ("eta", "phi", "gap"), [(0.15, 0.8, 1200), (0.5, 2.5, 100), (2.0, 4.0, 5000)]
)
def test_pairs_are_those_of_a_slow_twin(eta, phi, gap):
    event, _, tracks, _ = broken(60)

    settings = JoiningSettings(eta=eta, phi=phi, gap=gap)
    pairs = pairs_of(event.hits, ends_of(event.hits, tracks), settings)

    expected = slowly(event.hits, tracks, eta, phi, gap)
    assert [tuple(pair) for pair in pairs.T.tolist()] == expected
    assert len(expected) > 5


def test_pairs_are_found_across_the_turn_of_the_azimuth():
    # Four hits to the left of the beam line, about the azimuth of pi.
    x, y = np.array([-30.0, -70, -110, -170]), np.array([0.2, 0.1, -0.1, -0.2])
    numbers = np.zeros(4, np.int32)
    hits = Hits(
        hit_id=np.arange(4),
        x=np.float32(x),
        y=np.float32(y),
        z=np.float32(x),
        volume=numbers,
        layer=numbers,
        module=numbers,
    )
    tracks = from_lists([[0, 1], [2, 3]])

    pairs = pairs_of(hits, ends_of(hits, tracks), JoiningSettings(phi=0.1))

    assert pairs.tolist() == [[0], [1]]


def test_ends_are_the_outermost_and_innermost_hits():
    event, _, tracks, _ = broken(10)

    ends = ends_of(event.hits, tracks)

    place = np.stack([event.hits.x, event.hits.y, event.hits.z]).astype(float)
    for row, track in enumerate(tracks):
        assert (ends.inner[row], ends.outer[row]) == (track[0], track[-1])
        step = place[:, track[1]] - place[:, track[0]]
        np.testing.assert_array_equal(ends.inner_step[:, row], step)
        step = place[:, track[-1]] - place[:, track[-2]]
        np.testing.assert_array_equal(ends.outer_step[:, row], step)


def test_pairs_of_no_track_are_none():
    event, _, _, _ = broken(4)
    tracks = from_lists([])

    pairs = pairs_of(event.hits, ends_of(event.hits, tracks), JoiningSettings())

    assert pairs.shape == (2, 0)


def test_direction_of_a_step_along_the_beam_line_is_finite():
    assert np.isfinite(direction(np.array([[0.0], [0.0], [5.0]]))).all()
