import numpy as np
import pytest


def test_chain_takes_the_measurements_of_good_tracks_away(acts_run):
    for event, hits in zip(acts_run.events, acts_run.hits, strict=True):
        algo, good = event["trk_algo"], event["trk_isHP"]
        taken: set[int] = set()
        for number in (4, 5, 7, 9):
            mine = [set(hits[i].tolist()) for i in np.flatnonzero(algo == number)]

            assert all(not taken & track for track in mine)

            chosen = np.flatnonzero((algo == number) & good)
            taken |= {hit for i in chosen for hit in hits[i].tolist()}


def test_chain_runs_every_pass(acts_run):
    algos = np.concatenate([event["trk_algo"] for event in acts_run.events])

    assert {4, 5, 9} <= set(algos.tolist())


def test_chain_keeps_the_cuts_of_the_working_point(acts_run):
    for event in acts_run.events:
        assert (event["trk_nValid"] >= 6).all()
        assert (event["trk_nLostLay"] <= 3).all()
        assert (event["trk_pt"] > 0.4).all()


def test_chain_makes_an_event_without_its_neighbours(acts_run):
    (alone,) = acts_run.chain.simulate(first=11, count=1)

    for name, column in acts_run.events[1].items():
        np.testing.assert_array_equal(alone[name], column, err_msg=name)


def test_chain_finds_the_particles_in_acceptance(acts_run):
    for event in acts_run.events:
        wanted = (event["sim_pt"] > 0.9) & (np.abs(event["sim_eta"]) < 2.5)
        wanted &= (event["sim_nValid"] >= 7) & (event["sim_pdgId"] != 11)
        wanted &= np.hypot(event["sim_vx"], event["sim_vy"]) < 0.3
        found = np.isin(np.flatnonzero(wanted), event["trk_simTrkIdx"])

        assert found.mean() > 0.95


@pytest.mark.parametrize("name", ["dxy", "dz"])
def test_chain_measures_impact_parameters_within_errors(acts_run, name):
    pulls = []
    for event in acts_run.events:
        good = event["trk_isTrue"] & event["trk_isHP"] & (event["trk_algo"] == 4)
        particle = event["trk_bestSimTrkIdx"][good]
        phi = event["trk_phi"][good]
        x, y, z = (event[f"sim_v{axis}"][particle] for axis in "xyz")
        prompt = np.hypot(x, y) < 0.005
        expected = {"dxy": -x * np.sin(phi) + y * np.cos(phi), "dz": z}[name]
        pull = (event[f"trk_{name}"][good] - expected) / event[f"trk_{name}Err"][good]
        pulls.append(pull[prompt])

    spread = np.subtract(*np.percentile(np.concatenate(pulls), [84, 16])) / 2
    assert 0.6 < spread < 2.0
