"""True edges among close pairs, against loops."""

import numpy as np
import pytest

from trackdnn.graphs.metric_learning.quality import close_pairs


def twin(places, edges, radius, most):
    pairs = set()
    for one, place in enumerate(places):
        distances = [
            (float(np.sqrt(np.sum((place - other) ** 2))), two)
            for two, other in enumerate(places)
            if two != one
        ]
        near = [two for distance, two in sorted(distances)[:most] if distance < radius]
        pairs |= {(min(one, two), max(one, two)) for two in near}
    return sum(tuple(sorted(edge)) in pairs for edge in edges.T.tolist()), len(pairs)


@pytest.mark.parametrize(("radius", "most"), [(0.5, 3), (1.0, 100), (9.0, 2)])
def test_close_pairs_equal_their_twin(radius, most):
    rng = np.random.default_rng(2)
    places = rng.normal(size=(60, 3)).astype("f4") * 0.7
    pairs = np.unique(np.sort(rng.integers(0, 60, (80, 2)), axis=1), axis=0)
    edges = rng.permuted(pairs[pairs[:, 0] != pairs[:, 1]], axis=1).T

    found = close_pairs(places, edges, radius=radius, most=most)

    assert found == twin(places, edges, radius, most)
    assert found[0] > 0


def test_close_pairs_of_nothing():
    none = np.zeros((2, 0), "i4")

    for hits in (0, 1):
        assert close_pairs(np.zeros((hits, 2)), none, radius=1.0, most=5) == (0, 0)
