import numpy as np
import pytest
from matplotlib.figure import Figure

from trackdnn.evaluation.intervals import fractions
from trackdnn.evaluation.plots import style
from trackdnn.evaluation.plots.fractions import (
    bin_centres,
    paint_fractions,
    side_by_side,
)

EDGES = np.array([1.0, 10.0, 100.0])


def test_bin_centres_are_in_the_middle_of_the_axis():
    np.testing.assert_allclose(bin_centres(EDGES, logarithmic=False), [5.5, 55.0])
    np.testing.assert_allclose(bin_centres(EDGES, logarithmic=True), [10**0.5, 10**1.5])


def test_bin_centres_are_shifted_by_a_part_of_the_bin_as_it_looks():
    plain = bin_centres(EDGES, logarithmic=False, shift=0.25)
    np.testing.assert_allclose(plain, [7.75, 77.5])
    shifted = bin_centres(EDGES, logarithmic=True, shift=-0.5)
    np.testing.assert_allclose(shifted, [1.0, 10.0])


def test_sets_stand_side_by_side_about_the_middle():
    assert side_by_side(0, 1) == 0.0
    assert [side_by_side(number, 3) for number in range(3)] == pytest.approx(
        [-0.15, 0.0, 0.15]
    )


def test_fractions_have_bars_to_the_ends_of_their_intervals():
    axes = Figure().subplots()
    shown = fractions(np.array([0, 3, 5]), np.array([5, 5, 5]), 0.683)
    edges = np.array([0.0, 1.0, 2.0, 3.0])
    places = bin_centres(edges, logarithmic=False)

    paint_fractions(axes, places, shown, 1, "second", edges=edges)
    paint_fractions(axes, places, shown, len(style.COLOURS) + 1, "again")

    first, again = axes.containers
    along, up = (bars.get_segments() for bars in first.lines[2])
    np.testing.assert_allclose([one[:, 0] for one in along], [[0, 1], [1, 2], [2, 3]])
    ends = np.array([one[:, 1] for one in up])
    # The values of 0 and 1 are the ends of their intervals.
    np.testing.assert_allclose(ends.T, [shown.lower, shown.upper], atol=1e-12)
    assert len(again.lines[2]) == 1
    colours = [one.lines[0].get_color() for one in (first, again)]
    assert colours == [style.COLOURS[1]] * 2
