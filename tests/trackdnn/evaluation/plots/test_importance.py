from matplotlib.figure import Figure

from trackdnn.evaluation.importance import Importance
from trackdnn.evaluation.plots.importance import paint_importance


def test_importance_has_the_largest_at_the_top():
    found = [
        Importance(name="nChi2", drop=0.2, spread=0.01),
        Importance(name="phi", drop=-0.001, spread=0.002),
    ]
    figure = Figure()

    paint_importance(figure, found)

    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["nChi2", "phi"]
    bottom, top = axes.get_ylim()
    assert bottom > top
