import numpy as np
from matplotlib.figure import Figure

from tests.trackdnn.toy_events import toy_event
from trackdnn.settings.finding import JudgementSettings
from trackdnn.tracking.found import from_labels, from_lists
from trackdnn.tracking.plots import profiles as plots
from trackdnn.tracking.presets import definitions
from trackdnn.tracking.profiles import PARTICLE_AXES, TRACK_AXES, profile_event

RULE = definitions(JudgementSettings(min_pt=0.0))[0]


def filled():
    event = toy_event(100, noise=50)
    labels = event.owner().astype(int)
    labels[::3] = -1
    return {
        "ours": profile_event(event, from_labels(event.owner()), RULE),
        "worse": profile_event(event, from_labels(labels), RULE),
    }


def test_profiles_are_drawn_as_two_files_each(tmp_path, monkeypatch):
    monkeypatch.setattr(plots, "PARTICLE_AXES", PARTICLE_AXES[:1])
    monkeypatch.setattr(plots, "TRACK_AXES", TRACK_AXES[-1:])

    paths = plots.draw_profiles(tmp_path, filled(), RULE.name, 0.683)

    names = {"efficiency_pt", "tracks_hits"}
    assert {path.name for path in paths} == {
        f"{name}.{ending}" for name in names for ending in ("pdf", "png")
    }
    assert all(path.stat().st_size > 1000 for path in paths)


def test_profiles_show_the_efficiency_of_each_finder():
    figure, both = Figure(), filled()
    eta = {name: one.particles["eta"] for name, one in both.items()}

    plots.paint_efficiency(figure, PARTICLE_AXES[1], eta, "a rule", 0.683)

    (axes,) = figure.axes
    first = axes.containers[0].lines[0].get_ydata()
    expected = eta["ours"].share(1, 0.683).value
    np.testing.assert_array_equal(first, expected)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["ours", "worse"]
    assert axes.get_ylim()[1] > 1.0


def test_profiles_show_fakes_above_duplicates():
    figure = Figure()
    hits = {name: one.tracks["hits"] for name, one in filled().items()}

    plots.paint_tracks(figure, TRACK_AXES[-1], hits, "a rule", 0.683)

    assert [axes.get_ylabel() for axes in figure.axes] == [
        "Fake rate",
        "Duplicate rate",
    ]
    assert figure.axes[1].get_xlabel() == "Hits of the track"


def test_profiles_of_nothing_are_drawn():
    empty = profile_event(toy_event(0), from_lists([]), RULE).particles["pt"]

    plots.paint_efficiency(Figure(), PARTICLE_AXES[0], {"x": empty}, "", 0.683)


def test_profiles_lie_side_by_side_in_the_middle_of_their_bins():
    figure, axis = Figure(), PARTICLE_AXES[0]
    pt = {name: one.particles["pt"] for name, one in filled().items()}

    plots.paint_efficiency(figure, axis, pt, "a rule", 0.683)

    edges = np.array(axis.edges)
    first, second = (bars.lines[0].get_xdata() for bars in figure.axes[0].containers)
    np.testing.assert_allclose(np.sqrt(first * second), np.sqrt(edges[1:] * edges[:-1]))
    assert (first < second).all()


def test_profile_of_one_finder_lies_in_the_middle_of_its_bins():
    figure, axis = Figure(), PARTICLE_AXES[1]
    eta = {"ours": filled()["ours"].particles["eta"]}

    plots.paint_efficiency(figure, axis, eta, "a rule", 0.683)

    edges = np.array(axis.edges)
    (bars,) = figure.axes[0].containers
    middle = (edges[1:] + edges[:-1]) / 2
    np.testing.assert_allclose(bars.lines[0].get_xdata(), middle)
