from collections import Counter
from types import SimpleNamespace

import numpy as np

from trackdnn.simulation.event import Particles
from trackdnn.simulation.stages import Counts, count_tracks, wanted_particles


def count_slowly(hits, owner, wanted):
    """Track by track, in plain Python."""
    true = []
    for track in hits:
        held = Counter(owner[hit] for hit in track if owner[hit] >= 0)
        if held:
            particle, most = held.most_common(1)[0]
            if most > 0.75 * len(track):
                true.append(int(particle))
    found = set(true)
    return Counts(
        tracks=len(hits),
        true=len(true),
        repeated=len(true) - len(found),
        wanted=sum(bool(wanted[particle]) for particle in found),
    )


def particle(**change):
    """One particle that is wanted, unless something is changed."""
    values = {"pt": 1.0, "theta": 1.5, "phi": 0.0, "charge": 1.0, "pdg": 211.0}
    values |= {"x": 0.0, "y": 0.0, "z": 0.0, "interaction": 0.0}
    return Particles.from_rows([list((values | change).values())])


def is_wanted(particles, hits=7, lost=0):
    measured = np.arange(hits + lost) >= lost
    owner = np.zeros(hits + lost, dtype=np.int64)
    state = SimpleNamespace(particles=particles, owner=owner, measured=measured)
    return wanted_particles(state).item()


def test_count_tracks_equals_a_count_track_by_track():
    rng = np.random.default_rng(1)
    owner = np.repeat(np.arange(-1, 9), 10)
    wanted = rng.random(9) < 0.5
    hits = []
    for _ in range(300):
        # Mostly one particle's measurements, with some of any particle.
        own = np.flatnonzero(owner == rng.integers(-1, 9))
        alien = rng.random(8) < 0.2
        hits.append(np.where(alien, rng.integers(0, 100, 8), rng.choice(own, 8, False)))

    counted = count_tracks(hits, owner, wanted)

    assert counted == count_slowly(hits, owner, wanted)
    assert 0 < counted.repeated < counted.true < counted.tracks
    assert counted.wanted > 0


def test_count_tracks_of_nothing_is_zero():
    nothing = count_tracks([], np.zeros(4, dtype=np.int64), np.ones(1, dtype=bool))

    assert nothing == Counts()


def test_counts_add_up():
    one = Counts(tracks=10, true=7, repeated=2, wanted=3)

    both = one + Counts(tracks=1, true=1, repeated=0, wanted=1)

    assert both == Counts(tracks=11, true=8, repeated=2, wanted=4)
    assert (both.fakes, both.particles) == (3, 6)


def test_wanted_particles_are_prompt_hard_central_and_measured():
    assert is_wanted(particle())
    assert not is_wanted(particle(pt=0.9))
    assert not is_wanted(particle(theta=0.1))
    assert not is_wanted(particle(x=2.0, y=-2.3))
    assert is_wanted(particle(x=2.0, y=2.0))
    assert not is_wanted(particle(), hits=6)
    assert not is_wanted(particle(), hits=6, lost=3)
