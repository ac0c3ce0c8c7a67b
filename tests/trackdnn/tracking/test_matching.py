import numpy as np
import pytest

from tests.trackdnn.tracking.labellings import lists, random_labelling
from trackdnn.tracking.contingency import NOBODY, contingency
from trackdnn.tracking.found import from_labels, from_lists
from trackdnn.tracking.matching import FRACTIONS, Matching, match


def shares(owner, hits, particle):
    """Purity and completeness of one track and one particle."""
    both = sum(owner[hit] == particle for hit in hits)
    everywhere = sum(one == particle for one in owner)
    return both / len(hits), both / everywhere if everywhere else 0.0


def slow_match(name, limit, purity, completeness):
    """Whether the track is matched to the particle, and whether it finds it."""
    if name in ("double_majority", "two_way"):
        return (purity > limit and completeness > limit,) * 2
    if name == "perfect":
        return (purity == 1 and completeness == 1,) * 2
    if name in ("lhc", "atlas"):
        return (purity > limit,) * 2
    return purity > limit, completeness > limit


def slow(owner, tracks, particles, matching):
    matched, finds = [], set()
    for number, hits in enumerate(tracks):
        matched.append(NOBODY)
        for particle in range(particles):
            values = shares(owner, hits, particle)
            one, other = slow_match(matching.name, matching.limit, *values)
            if one:
                assert matched[number] == NOBODY
                matched[number] = particle
            if other:
                finds.add((number, particle))
    return matched, finds


@pytest.mark.parametrize("name", FRACTIONS)
def test_matching_agrees_with_plain_loops_on_random_labellings(name):
    for number in range(1000):
        owner, labels, _, particles = random_labelling(number, hits=30)
        fraction = [None, 0.5, 0.6, 0.75][number % 4]
        matching = Matching(name, fraction)
        tracks = from_labels(labels)

        table = contingency(owner, tracks, particles)
        found = match(table, matching)

        expected, finds = slow(owner.tolist(), lists(tracks), particles, matching)
        assert found.particle.tolist() == expected
        pairs = zip(table.track[found.finds], table.particle[found.finds], strict=True)
        assert set(pairs) == finds
        assert (found.particle != NOBODY).sum() == found.matched.sum()


def test_matching_limits_are_strict():
    # Two of four hits, three of four hits.
    owner = np.array([0, 0, 1, 1, 2, 2, 2, -1])
    table = contingency(owner, from_lists([[0, 1, 2, 3], [4, 5, 6, 7]]), 3)

    assert match(table, Matching("atlas")).particle.tolist() == [NOBODY, 2]
    assert match(table, Matching("lhc")).particle.tolist() == [NOBODY, NOBODY]


def test_matching_never_matches_noise():
    table = contingency(np.array([-1, -1, -1]), from_lists([[0, 1, 2]]), 0)

    for name in FRACTIONS:
        assert match(table, Matching(name)).particle.tolist() == [NOBODY]


def test_matching_one_way_tells_tracks_from_particles():
    # A long track that is mostly noise holds all of the particle.
    owner = np.array([0, 0, 0, -1, -1, -1, -1])
    table = contingency(owner, from_lists([[0, 1, 2, 3, 4, 5, 6]]), 1)

    found = match(table, Matching("one_way"))

    assert found.particle.tolist() == [NOBODY]
    assert table.particle[found.finds].tolist() == [0]


def test_matching_names_itself():
    assert Matching("double_majority").title == "double majority > 0.5"
    assert Matching("lhc").title == "lhc > 0.75"
    assert Matching("perfect").title == "perfect"


def test_matching_refuses_what_would_be_ambiguous():
    with pytest.raises(ValueError, match=r"at least 0\.5.*Received: 0\.4"):
        Matching("atlas", 0.4)
    with pytest.raises(ValueError, match=r"must be one of .*Received: cms"):
        Matching("cms")
