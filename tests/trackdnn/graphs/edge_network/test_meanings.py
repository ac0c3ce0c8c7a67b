"""The formulas of the columns, computed as they read."""

from __future__ import annotations

import numpy as np

from trackdnn.graphs.edge_filter.features import _arc, _helix
from trackdnn.graphs.edge_network.columns import EDGE_NAMES, GRAPH_NAMES
from trackdnn.graphs.edge_network.meanings import EDGE_MEANINGS, GRAPH_MEANINGS


def test_every_column_has_its_meaning_in_the_same_order():
    assert tuple(EDGE_MEANINGS) == EDGE_NAMES
    assert tuple(GRAPH_MEANINGS) == GRAPH_NAMES


def test_curvature_is_one_over_the_radius_of_the_circle_through_the_beam_line():
    radius, turns = 800.0, np.float64([0.1, 0.25])
    # On a circle through the origin, after some angle of it.
    x, y = radius * np.sin(turns), radius * (1 - np.cos(turns))
    r, phi = np.hypot(x, y), np.arctan2(y, x)
    z = 30 + 0.7 * radius * turns
    one = (value[None] for value in (r[0], r[1], z[0], z[1], phi[1] - phi[0]))

    curvature, _, z0, cot = (float(x[0]) for x in _helix(*one))

    np.testing.assert_allclose(1 / curvature, radius, rtol=1e-6)
    np.testing.assert_allclose(_arc(r, curvature), radius * turns, rtol=1e-6)
    np.testing.assert_allclose([z0, cot], [30, 0.7], rtol=1e-6)
