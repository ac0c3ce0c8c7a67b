import numpy as np
from matplotlib.figure import Figure

from trackdnn.evaluation.calibration import calibrate
from trackdnn.evaluation.plots.calibration import paint_calibration


def test_calibration_shows_each_classifier_with_its_error():
    random = np.random.default_rng(1)
    p = random.random(500)
    curve = calibrate(p, random.random(500) < p, 0.683)
    figure = Figure()

    paint_calibration(figure, {"Network": curve, "Trees": curve})

    texts = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert texts[0] == f"Network (error {curve.error:.4f})"
    assert figure.axes[1].get_xlabel() == "Predicted probability of a true track"


def test_calibration_with_empty_bins_can_be_drawn():
    curve = calibrate(np.array([0.1, 0.9]), np.array([False, True]), 0.683)

    paint_calibration(Figure(), {"Network": curve})
