import numpy as np


def test_event_chain_makes_an_event_without_its_neighbours(event_chain, simulated):
    event_chain.simulate(1)

    again, tracks = event_chain.simulate(2)

    first, found = simulated
    for name in ("hit_id", "x", "y", "z", "module"):
        np.testing.assert_array_equal(
            getattr(again.event.hits, name), getattr(first.event.hits, name)
        )
    np.testing.assert_array_equal(again.cells.value, first.cells.value)
    np.testing.assert_array_equal(
        again.event.truth.particle_id, first.event.truth.particle_id
    )
    assert [one.tolist() for one in tracks.tracks] == [
        one.tolist() for one in found.tracks
    ]


def test_event_chain_without_finding_makes_the_same_event(simulated):
    from trackdnn.simulation.event_chain import EventChain
    from trackdnn.simulation.simulated_event import Response

    plain = EventChain("ttbar", 2.0, 3, Response(0.15, 0.01), find=False)

    made, tracks = plain.simulate(2)

    assert tracks is None
    np.testing.assert_array_equal(made.event.hits.x, simulated[0].event.hits.x)


def test_event_chain_makes_another_event_of_each_number(event_chain, simulated):
    other, _ = event_chain.simulate(3)

    assert other.event.name == "event000000003"
    assert len(other.event) != len(simulated[0].event)


def test_event_chain_makes_long_tracks_of_prompt_particles(simulated):
    particles = simulated[0].event.particles
    prompt = (particles.pt > 0.9) & (np.abs(particles.eta) < 2.5)
    prompt &= particles.radius < 1.0

    assert prompt.sum() > 10
    assert np.median(particles.hits[prompt]) >= 10
