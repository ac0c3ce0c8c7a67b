import numpy as np
import pytest
from matplotlib.figure import Figure

from trackdnn.evaluation.metrics import roc_curve
from trackdnn.evaluation.plots import roc


def curve(count=20_000, seed=1, distance=3.0):
    random = np.random.default_rng(seed)
    label = random.random(count) < 0.6
    return roc_curve(random.normal(label * distance), label)


def test_thin_keeps_the_shape_with_few_points():
    one = curve()

    at = roc.thin(one, one.fake_acceptance)

    assert len(at) <= 3000
    whole = np.interp(np.linspace(0, 1, 500), one.efficiency, one.fake_acceptance)
    kept = np.interp(
        np.linspace(0, 1, 500), one.efficiency[at], one.fake_acceptance[at]
    )
    np.testing.assert_allclose(kept, whole, atol=2e-3)


def test_thin_keeps_a_short_curve_whole():
    one = roc_curve(np.array([3.0, 2.0, 1.0, 0.0]), np.array([1, 0, 1, 0], bool))

    np.testing.assert_array_equal(roc.thin(one, one.fake_acceptance), range(5))


def test_roc_shows_each_classifier_with_its_area():
    figure = Figure()

    roc.paint_roc(figure, {"Network": curve(), "Trees": curve(seed=2)}, (0.9, 0.95))

    axes = figure.axes[0]
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts[0] == f"Network (AUC {curve().auc:.4f})"
    assert len(texts) == 2
    assert axes.get_yscale() == "log"
    assert (axes.get_xlabel(), axes.get_ylabel()) == (
        "True-track efficiency",
        "Fake acceptance",
    )


def test_fake_rate_shows_the_rate_before_selection():
    figure = Figure()

    roc.paint_fake_rate(figure, {"Network": curve()})

    texts = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert texts == ["Network", "Before selection"]


@pytest.mark.parametrize("panels", [1, 3, 7])
def test_iterations_have_a_panel_each(panels):
    figure = Figure()
    names = [f"step{number}" for number in range(panels)]

    roc.paint_iterations(figure, {name: {"Network": curve(2000)} for name in names})

    shown = [axes for axes in figure.axes if axes.axison]
    assert len(shown) == panels
    assert shown[-1].get_legend().get_title().get_text().startswith(names[-1])


def test_perfect_and_useless_classifiers_can_be_drawn():
    label = np.arange(100) % 2 == 0
    figure = Figure()

    roc.paint_roc(
        figure,
        {
            "perfect": roc_curve(label * 1.0, label),
            "useless": roc_curve(np.zeros(100), label),
        },
        (0.95,),
    )

    low, high = figure.axes[0].get_ylim()
    assert 0 < low < high
