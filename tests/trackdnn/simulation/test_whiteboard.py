import numpy as np


def test_hit_loss_leaves_about_ninety_seven_percent(acts_run):
    """2 % are lost by chance, 1 % of the modules are dead."""
    for event in acts_run.events:
        lost = event["trk_nLostLay"] + event["trk_nInactive"]
        good = event["trk_isTrue"] & event["trk_isHP"]

        assert 0.0 < lost[good].mean() < 1.0


def test_dead_modules_make_inactive_layers(acts_run):
    inactive = np.concatenate([event["trk_nInactive"] for event in acts_run.events])

    assert 0.0 < inactive.mean() < 0.5


def test_particle_collector_counts_interactions_from_zero(acts_run):
    for event in acts_run.events:
        assert event["sim_event"].min() == 0
        assert event["sim_event"].max() < len(event["simvtx_z"])


def test_particle_collector_places_prompt_particles_at_their_interaction(acts_run):
    for event in acts_run.events:
        origin = event["simvtx_z"][event["sim_event"].astype(int)]
        distance = np.abs(event["sim_vz"] - origin)

        assert np.median(distance) < 0.01


def test_particle_collector_knows_electrons_from_conversions(acts_run):
    for event in acts_run.events:
        radius = np.hypot(event["sim_vx"], event["sim_vy"])
        electron = np.abs(event["sim_pdgId"]) == 11

        assert (radius[electron] > 1.0).any()
