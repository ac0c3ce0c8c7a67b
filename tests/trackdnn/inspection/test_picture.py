from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from trackdnn.inspection import plausible
from trackdnn.inspection.picture import draw_responses, paint_responses
from trackdnn.inspection.responses import measure


@pytest.fixture(scope="module")
def found():
    reference = plausible.built_in()
    return measure(lambda rows: rows[:, [17]] / 10 + (rows[:, [29]] == 5), reference)


def test_each_input_has_its_panel(found):
    figure = Figure()

    paint_responses(figure, found, "a.onnx")

    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[:2] == ["1: trk_originalAlgo", "2: eta"]
    assert "dead" in titles[2]
    assert len([title for title in titles if title]) == 30


def test_a_panel_shows_the_mean(found):
    figure = Figure()

    paint_responses(figure, found, "a.onnx")

    line = figure.axes[1].get_lines()[0]
    assert line.get_ydata() == pytest.approx(found.bands[17][1])


@pytest.mark.parametrize("ending", ["png", "pdf"])
def test_the_picture_is_written(tmp_path, ending):
    found = measure(lambda rows: rows[:, :1], plausible.of_columns(("a", "b")))

    path = draw_responses(found, tmp_path / f"a.{ending}", "a.onnx")

    assert path == tmp_path / f"a.{ending}"
    assert path.stat().st_size > 1000
    assert list(tmp_path.iterdir()) == [path]
