import dataclasses

import numpy as np
import pytest

from tests.trackdnn.toy_events import FIELD_TESLA, toy_event
from trackdnn.tracking.display.circles import pseudorapidities, transverse_momenta
from trackdnn.tracking.display.scene import make_scene
from trackdnn.tracking.found import from_lists


def slow_momentum(x, y):
    """The same circle by a general solver, track by track."""
    x, y = x.astype(float), y.astype(float)
    terms = np.stack([2 * x, 2 * y, np.ones(len(x))], axis=1)
    a, b, c = np.linalg.lstsq(terms, x**2 + y**2, rcond=None)[0]
    return 0.299792458e-3 * 2.0 * np.sqrt(c + a**2 + b**2)


@pytest.fixture(scope="module")
def event():
    return toy_event(60, smear=0.01)


def test_momenta_agree_with_the_slow_twin_and_with_the_truth(event):
    scene = make_scene(event)
    lines = scene.truth.lines
    hits = event.hits

    found = transverse_momenta(hits, lines)

    slow = [
        slow_momentum(hits.x[lines[row]], hits.y[lines[row]])
        for row in range(len(lines))
    ]
    assert found == pytest.approx(slow, rel=1e-4)
    long = lines.lengths == 10
    assert FIELD_TESLA == 2.0
    assert found[long] == pytest.approx(event.particles.pt[long], rel=0.02)


def test_momentum_of_hits_that_make_no_circle(event):
    line = np.linspace(1, 4, len(event), dtype=np.float32)
    straight = dataclasses.replace(event.hits, x=line, y=2 * line)
    same = dataclasses.replace(event.hits, x=np.ones_like(line), y=np.ones_like(line))
    lines = from_lists([[0, 1, 2, 3], [0, 1], [5], []])

    assert transverse_momenta(straight, lines)[0] > 1e4
    assert np.isnan(transverse_momenta(straight, lines)[1:]).all()
    assert np.isnan(transverse_momenta(same, lines)).all()
    assert transverse_momenta(event.hits, from_lists([])).shape == (0,)


def test_momentum_of_exact_steps_is_infinite(event):
    steps = np.arange(len(event), dtype=np.float32)
    straight = dataclasses.replace(event.hits, x=steps, y=np.zeros_like(steps))

    assert transverse_momenta(straight, from_lists([[0, 1, 2, 3]])) == [np.inf]


def test_pseudorapidity_is_the_slope_from_first_to_last(event):
    x, y, z = (getattr(event.hits, name).astype(float) for name in "xyz")

    found = pseudorapidities(event.hits, from_lists([[3, 9, 4], [7], []]))

    slope = (z[4] - z[3]) / np.hypot(x[4] - x[3], y[4] - y[3])
    assert found[0] == pytest.approx(np.arcsinh(slope))
    assert np.isnan(found[1:]).all()
