"""Ranges of columns."""

import numpy as np
import pytest

from trackdnn.errors import InputError
from trackdnn.graphs.edge_network.columns import EDGE_NAMES
from trackdnn.graphs.edge_network.ranges import fit_ranges

GROUPS = ("turn",)


def parts(rng, edges):
    nodes = rng.normal(size=(50, 2)).astype("f4")
    return nodes, rng.normal(3.0, 1.0, (edges, len(EDGE_NAMES))).astype("f4")


def test_ranges_hold_the_bulk_and_zero():
    rng = np.random.default_rng(1)
    given = [parts(rng, 5000), parts(rng, 0)]
    given[0][1][0, 2] = 1e9
    given[0][1][:, 5] = np.nan

    inputs = fit_ranges(given, GROUPS, EDGE_NAMES)

    assert inputs.edge_names == EDGE_NAMES
    assert inputs.node_names == ("cos_phi", "sin_phi")
    assert inputs.edge_lower[2] == 0.0
    assert 5.0 < inputs.edge_upper[2] < 8.0
    assert (inputs.edge_lower[5], inputs.edge_upper[5]) == (0.0, 1.0)
    assert inputs.edge_scale[2] == inputs.edge_scale[5] == 0.0


def test_long_tails_get_a_logarithm():
    rng = np.random.default_rng(1)
    nodes, edges = parts(rng, 5000)
    edges[:, 4] = rng.standard_cauchy(5000)

    inputs = fit_ranges([(nodes, edges)], GROUPS, EDGE_NAMES)

    assert inputs.edge_scale[4] == pytest.approx(np.tan(np.pi / 8), rel=0.1)
    bent = [name for name, s in zip(EDGE_NAMES, inputs.edge_scale, strict=True) if s]
    assert bent == ["volume1"]


def test_graphs_without_edges_are_told():
    rng = np.random.default_rng(1)

    with pytest.raises(InputError, match="must have true edges to learn from"):
        fit_ranges([parts(rng, 0)], GROUPS, EDGE_NAMES)
