import numpy as np
from matplotlib.figure import Figure

from trackdnn.evaluation.plots.profiles import paint_profile
from trackdnn.evaluation.profiles import Variable, profile


def variable(*, logarithmic=False):
    return Variable(
        name="pt",
        title="Track $p_T$ [GeV]",
        values=np.array([1.5, 1.6, 15.0, 20.0]),
        edges=np.array([1.0, 10.0, 100.0]),
        logarithmic=logarithmic,
    )


def test_profile_has_three_panels_with_bars():
    one = variable(logarithmic=True)
    label = np.array([True, False, True, False])
    found = profile(one, label, np.array([True, True, False, False]), 0.683)
    figure = Figure()

    paint_profile(figure, one, {"Network": found, "Trees": found}, "at 95 %")

    titles = [axes.get_ylabel() for axes in figure.axes]
    assert titles == ["Efficiency", "Fake acceptance", "Fake rate"]
    assert figure.axes[2].get_xlabel() == "Track $p_T$ [GeV]"
    assert figure.axes[0].get_xscale() == "log"
    assert all(len(axes.containers) == 2 for axes in figure.axes)


def test_profile_without_entries_can_be_drawn():
    one = variable()
    label = np.zeros(4, bool)
    found = profile(one, label, label, 0.683)

    paint_profile(Figure(), one, {"Network": found}, "at 95 %")
