import numpy as np
import pytest

from trackdnn.simulation import ntuple


def of_group(event, group):
    return {name: event[name] for name in ntuple.group_members(group)}


def test_collect_gives_every_branch_of_the_file(acts_run):
    for event in acts_run.events:
        assert set(ntuple.BRANCHES) <= set(event)


@pytest.mark.parametrize("group", ["trk", "vtx", "sim", "simvtx"])
def test_collect_gives_columns_of_one_length(acts_run, group):
    for event in acts_run.events:
        assert len({len(column) for column in of_group(event, group).values()}) == 1


def test_collect_labels_agree_in_all_forms(acts_run):
    for event in acts_run.events:
        is_true = event["trk_isTrue"]
        matched = event["trk_bestSimTrkIdx"][is_true]

        np.testing.assert_array_equal(is_true, event["trk_bestSimTrkShareFrac"] > 0.75)
        np.testing.assert_array_equal(event["trk_nSimTrk"], is_true)
        np.testing.assert_array_equal(event["trk_simTrkIdx"], matched)
        assert (matched >= 0).all()
        assert (matched < len(event["sim_pt"])).all()


def test_collect_matches_tracks_to_particles_like_them(acts_run):
    for event in acts_run.events:
        found = event["trk_isTrue"] & (event["trk_nValid"] > 8)
        particle = event["trk_bestSimTrkIdx"][found]

        charge = event["trk_q"][found] == event["sim_q"][particle]
        assert charge.mean() > 0.98
        ratio = event["trk_pt"][found] / event["sim_pt"][particle]
        assert np.median(np.abs(ratio - 1)) < 0.03


def test_collect_finds_the_hard_vertex(acts_run):
    for event in acts_run.events:
        assert not event["vtx_fake"].any()
        assert event["vtx_z"][0] == pytest.approx(event["simvtx_z"][0], abs=0.02)


def test_collect_measures_the_closest_vertex(acts_run):
    for event in acts_run.events:
        closest = np.abs(event["trk_dzClosestPV"])

        assert (closest <= np.abs(event["trk_dzPV"]) + 1e-9).all()


def test_collect_numbers_events_from_one_and_names_the_seed(acts_run):
    numbers = [event["event"].item() for event in acts_run.events]

    assert numbers == [11, 12]
    assert all(event["lumi"].item() == 3 for event in acts_run.events)


def test_collect_has_hits_in_every_particle_with_a_track(acts_run):
    for event in acts_run.events:
        np.testing.assert_array_equal(
            event["sim_nValid"], event["sim_nPixel"] + event["sim_nStrip"]
        )
        assert (event["sim_nValid"] > 0).all()
