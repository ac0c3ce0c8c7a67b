from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from trackdnn.simulation import event
from trackdnn.simulation.candidates import Candidates
from trackdnn.simulation.layers import Crossings
from trackdnn.simulation.working_points import WORKING_POINTS, Quality

LAYERS = [(8, 2), (8, 4), (8, 6), (8, 8), (13, 2), (13, 4), (13, 6), (13, 8)]
POINT = replace(
    WORKING_POINTS["default"],
    kept=Quality(min_valid=3),
    good=Quality(min_valid=6, max_lost=0, max_chi2=2.0),
    duplicate_fraction=0.5,
)


def candidates(hits, chi2):
    """Tracks of 1 GeV with the given measurements, without holes."""
    tracks = len(hits)
    state = np.tile([0.1, 5.0, 0.3, 1.2, 1.0, 0.0], (tracks, 1))
    nothing = np.zeros(0, dtype=np.int64)
    return Candidates(
        perigee=state,
        covariance=np.tile(np.eye(6) * 1e-4, (tracks, 1, 1)),
        chi2=np.array(chi2, dtype=float),
        ndof=np.full(tracks, 10),
        first=state,
        last=state,
        hits=[np.array(track) for track in hits],
        holes=Crossings(nothing, nothing, nothing),
        hole_identifier=nothing.astype(np.uint64),
        zone=nothing,
    )


@pytest.fixture
def state(monkeypatch):
    """An event of 4 particles with 8 measurements each; `finished` counts ends."""
    monkeypatch.setattr(event, "read_candidates", lambda tracks: tracks)
    finished = []
    made = event.EventState(POINT, np.zeros(0, dtype=np.uint64), 1, finished.append)
    made.start(0, [np.zeros(3)])
    volume, layer = np.array(LAYERS * 4).T
    made.sensors = event.Sensors(volume, layer)
    made.measured = np.ones(32, dtype=bool)
    made.available = made.measured.copy()
    return SimpleNamespace(event=made, finished=finished)


def test_add_pass_takes_away_the_measurements_of_good_tracks_only(state):
    good, short = list(range(8)), [8, 9, 10, 11]

    state.event.add_pass(0, candidates([good, short], [5.0, 5.0]))

    assert np.flatnonzero(~state.event.available).tolist() == good
    assert state.event.columns[0]["isHP"].tolist() == [True, False]


def test_add_pass_writes_the_best_of_two_duplicates(state):
    tracks = [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5, 6], [16, 17, 18, 19]]

    state.event.add_pass(0, candidates(tracks, [5.0, 5.0, 5.0]))

    assert [hits.tolist() for hits in state.event.hits] == [tracks[1], tracks[2]]
    assert [chosen.tolist() for chosen in state.event.chosen] == [[1, 2]]


def test_add_pass_marks_a_track_that_two_passes_find(state):
    state.event.add_pass(0, candidates([[0, 1, 2, 3]], [5.0]))

    state.event.add_pass(1, candidates([[0, 1, 2, 3], [8, 9, 10, 11]], [5.0, 5.0]))

    algos = [part["algo"].tolist() for part in state.event.columns]
    assert algos == [[4], [5]]
    assert state.event.kept.masks == [1 << 4 | 1 << 5, 1 << 5]


def test_add_pass_drops_a_track_that_fails_the_selection(state):
    state.event.add_pass(0, candidates([[0, 1]], [5.0]))

    assert state.event.hits == []


def test_add_pass_finishes_after_the_last_pass(state):
    for number in range(len(POINT.passes)):
        assert not state.finished
        state.event.add_pass(number, candidates([], []))

    assert state.finished == [state.event]


def test_start_forgets_the_previous_event(state):
    state.event.add_pass(0, candidates([[0, 1, 2, 3]], [5.0]))

    state.event.start(1, [])

    assert state.event.hits == state.event.columns == state.event.kept.masks == []


def test_describe_names_inner_and_outer_momentum():
    sensors = event.Sensors(*np.array(LAYERS).T)

    columns = event.describe(
        candidates([[0, 1, 2, 4]], [5.0]), sensors, np.zeros(0, dtype=np.uint64)
    )

    assert columns["inner_pt"] == pytest.approx(np.sin(1.2))
    assert columns["outer_pz"] == pytest.approx(np.cos(1.2))
    assert columns["nChi2"].tolist() == [0.5]
    assert (columns["nPixel"].tolist(), columns["nStrip"].tolist()) == ([3], [1])


def test_particles_from_no_rows_are_empty():
    assert event.Particles.from_rows([]).pt.shape == (0,)
