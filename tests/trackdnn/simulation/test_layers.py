import numpy as np
import pytest

from trackdnn.simulation import layers
from trackdnn.simulation.detector import LONG_STRIP, PIXEL, SHORT_STRIP

TRACKS = 40
VOLUMES = PIXEL + SHORT_STRIP + LONG_STRIP


def crossings(rng, size):
    return layers.Crossings(
        np.sort(rng.integers(0, TRACKS, size)),
        rng.choice(VOLUMES, size),
        rng.choice([2, 4], size),
    )


@pytest.fixture
def event():
    rng = np.random.default_rng(1)
    hits, holes = crossings(rng, 250), crossings(rng, 300)
    return hits, holes, rng.integers(0, 3, 300), rng.random(300) < 0.3


def of_track(found, track, chosen=None):
    selected = (
        found.track == track if chosen is None else (found.track == track) & chosen
    )
    return list(zip(found.volume[selected], found.layer[selected], strict=True))


def test_count_hits_equals_the_loop(event):
    hits = event[0]

    counts = layers.count_hits(hits, TRACKS)

    for track in range(TRACKS):
        mine = of_track(hits, track)
        pixel = [sensor for sensor in mine if sensor[0] in PIXEL]
        strip = [sensor for sensor in mine if sensor[0] not in PIXEL]
        precise = {sensor for sensor in mine if sensor[0] not in LONG_STRIP}
        assert counts["nValid"][track] == counts["nCluster"][track] == len(mine)
        assert counts["nPixel"][track] == len(pixel)
        assert counts["nStrip"][track] == len(strip)
        assert counts["nPixelLay"][track] == len(set(pixel))
        assert counts["nStripLay"][track] == len(set(strip))
        assert counts["n3DLay"][track] == len(precise)


def test_count_lost_equals_the_loop(event):
    hits, holes, zone, dead = event

    counts = layers.count_lost(hits, holes, zone, dead, TRACKS)

    names = {
        layers.INNER: ("nInnerLost", "nInnerInactive"),
        layers.BETWEEN: ("nLostLay", "nInactive"),
        layers.OUTER: ("nOuterLost", "nOuterInactive"),
    }
    for track in range(TRACKS):
        measured = set(of_track(hits, track))
        working = set(of_track(holes, track, ~dead))
        for where, (lost, inactive) in names.items():
            missed = set(of_track(holes, track, zone == where)) - measured
            assert counts[lost][track] == len(missed & working)
            assert counts[inactive][track] == len(missed - working)


def test_count_lost_ignores_a_layer_with_a_measurement():
    here = layers.Crossings(np.array([0]), np.array([8]), np.array([2]))

    counts = layers.count_lost(here, here, np.array([1]), np.array([False]), 1)

    assert all(count.tolist() == [0] for count in counts.values())


def test_count_lost_without_tracks_is_empty():
    nothing = layers.Crossings(*(np.zeros(0, dtype=np.int64) for _ in range(3)))

    counts = layers.count_lost(nothing, nothing, nothing.track, nothing.track > 0, 0)

    assert all(len(count) == 0 for count in counts.values())


def test_is_strip_knows_all_volumes():
    assert layers.is_strip(np.array(VOLUMES)).tolist() == [False] * 3 + [True] * 6
