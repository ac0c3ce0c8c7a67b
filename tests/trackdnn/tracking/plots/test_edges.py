"""Pictures of edges hold the counts they are made of."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.graph import Graph
from trackdnn.graphs.neighbours import Neighbours
from trackdnn.graphs.quality import SCORE_BINS, edge_quality
from trackdnn.settings.finding import NeighboursSettings
from trackdnn.tracking.plots.edges import (
    against_cut,
    draw_edges,
    paint_cuts,
    paint_efficiency,
)


@pytest.fixture(scope="module")
def qualities():
    event = toy_event(60, noise=30)
    empty = Graph(hits=len(event), edges=np.zeros((2, 0), np.int32))
    graph = Neighbours(NeighboursSettings(radius=0.2)).build(event)
    return {
        "neighbours": edge_quality(event, graph, "modulewise"),
        "empty": edge_quality(event, empty, "modulewise"),
    }


def test_pictures_are_written(qualities, tmp_path):
    paths = draw_edges(tmp_path, qualities, "true edges: modulewise", 0.683)

    names = {path.name for path in paths}
    stems = ("edge_efficiency_pt", "edge_efficiency_eta", "edge_cuts")
    assert names == {f"{stem}.{end}" for stem in stems for end in ("pdf", "png")}
    assert all(path.stat().st_size > 3000 for path in paths)


@pytest.mark.parametrize("axis", ["pt", "eta"])
def test_points_are_the_shares_of_the_counts(qualities, axis):
    figure = Figure()
    paint_efficiency(figure, axis, qualities, "", 0.683)
    first, second = figure.axes[0].containers
    quality = qualities["neighbours"]
    found, total = (getattr(quality, f"{axis}_{what}") for what in ("found", "total"))
    shown = first.lines[0].get_ydata()

    np.testing.assert_allclose(shown[total > 0], (found / total.clip(1))[total > 0])
    assert np.isnan(np.asarray(shown, float)[total == 0]).all()
    assert not np.nansum(np.asarray(second.lines[0].get_ydata(), float))


def test_lines_against_the_cut_are_those_of_plain_counting(qualities):
    event = toy_event(60, noise=30)
    graph = Neighbours(NeighboursSettings(radius=0.2)).build(event)
    purity, efficiency = against_cut(qualities["neighbours"])

    for place in (0, 40, 77, SCORE_BINS - 1):
        kept = graph.take(graph.score * SCORE_BINS >= place)
        counts = edge_quality(event, kept, "modulewise")
        assert efficiency[place] == counts.found / counts.wanted
        if len(kept):
            assert purity[place] == counts.right / counts.edges


def test_graph_without_edges_has_no_purity(qualities):
    purity, efficiency = against_cut(qualities["empty"])
    figure = Figure()
    paint_cuts(figure, qualities, "")

    assert np.isnan(purity).all()
    assert not efficiency.any()
    assert len(figure.axes[0].lines) == 2
