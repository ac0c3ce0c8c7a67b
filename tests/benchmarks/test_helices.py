import numpy as np
import pytest

from benchmarks.helices import LAYERS, helix_event
from trackdnn.graphs.truth_graphs import true_edges


def test_event_is_of_the_size_that_was_asked_for():
    event = helix_event(20_000, seed=1)

    assert len(event) == pytest.approx(20_000, rel=0.05)
    assert (event.owner() < 0).mean() == pytest.approx(0.1, abs=0.01)
    assert event.known()[0].weight.sum() == pytest.approx(1.0)


def test_hits_are_on_their_layers():
    event = helix_event(500, seed=1)

    radius = {layer[:2]: layer[2] for layer in LAYERS}
    places = zip(event.hits.volume.tolist(), event.hits.layer.tolist(), strict=True)
    expected = [radius[place] for place in places]
    np.testing.assert_allclose(event.hits.r, expected, rtol=1e-5)


def test_particles_leave_at_most_one_hit_per_layer_in_order():
    event = helix_event(500, seed=1)

    first, second = true_edges(event, "modulewise")

    assert (event.hits.r[second] > event.hits.r[first]).all()
    np.testing.assert_array_equal(event.owner()[first], event.owner()[second])


def test_momentum_keeps_its_size_and_turns():
    event = helix_event(2000, seed=1)
    truth, particles = event.known()
    own = event.owner() >= 0

    pt = np.hypot(truth.px, truth.py)[own]

    np.testing.assert_allclose(pt, particles.pt[event.owner()[own]], rtol=1e-4)


def test_events_follow_from_the_seed():
    one, again, other = (helix_event(300, seed=seed) for seed in (1, 1, 2))

    np.testing.assert_array_equal(one.hits.x, again.hits.x)
    assert len(other) != len(one) or not np.array_equal(one.hits.x, other.hits.x)
