import numpy as np
from matplotlib.figure import Figure

from trackdnn.evaluation.plots.scores import paint_scores


def sample():
    random = np.random.default_rng(1)
    label = random.random(2000) < 0.5
    return np.tanh(random.normal(label * 2.0 - 1)).astype(np.float32), label


def texts(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_scores_show_both_classes_training_and_cuts():
    figure = Figure()

    paint_scores(figure, *sample(), title="s", training=sample(), cuts={"tight": 0.2})

    assert texts(figure) == [
        "True, test",
        "Fake, test",
        "True, training",
        "Fake, training",
        "tight",
    ]


def test_densities_are_normalised_to_all_tracks():
    score, label = sample()
    figure = Figure()

    paint_scores(figure, score, label, title="s")

    for patch in figure.axes[0].patches:
        values, edges, _ = patch.get_data()
        assert np.isclose(np.sum(values * np.diff(edges)), 1.0)


def test_scores_outside_their_range_can_be_drawn():
    label = np.array([True, False])

    paint_scores(Figure(), np.float32([-99, -98]), label, title="s")
    paint_scores(Figure(), np.float32([-99, 0.5]), label, title="s")
