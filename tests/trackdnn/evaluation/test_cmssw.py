import ast

import numpy as np
import pytest

from trackdnn.errors import SettingsError
from trackdnn.evaluation.cmssw import (
    cmssw_snippet,
    format_cut,
    has_three_cuts,
    iteration_parameter,
)
from trackdnn.evaluation.working_points import find_working_points
from trackdnn.settings import EvaluationSettings, WorkingPoint


def found(points):
    random = np.random.default_rng(1)
    label = random.random(2000) < 0.6
    score = np.tanh(random.normal(label * 1.0)).astype(np.float32)
    category = random.choice([4, 23, 7], 2000, p=[0.6, 0.38, 0.02])
    return find_working_points(score, label, category, points, 0.683)


class Config:
    """The two names of FWCore.ParameterSet.Config that the snippet uses."""

    @staticmethod
    def PSet(**parameters):
        return parameters

    @staticmethod
    def vdouble(*values):
        return list(values)


def load(text):
    tree = ast.parse(text)
    tree.body = [node for node in tree.body if not isinstance(node, ast.Import)]
    names = {"cms": Config}
    exec(compile(tree, "cmssw_cuts.py", "exec"), names)
    return names["qualityCutDictionary"]


def test_snippet_gives_each_iteration_its_three_cuts():
    points = found(EvaluationSettings().working_points)

    cuts = load(cmssw_snippet(points))

    assert list(cuts) == ["InitialStep", "DetachedTripletStep", "LowPtQuadStep"]
    for algo, name in ((4, "InitialStep"), (23, "LowPtQuadStep")):
        expected = [points.iterations[algo][key].cut for key in points.overall]
        np.testing.assert_array_equal(np.float32(cuts[name]), np.float32(expected))
        assert cuts[name] == sorted(cuts[name])


def test_snippet_says_what_falls_back():
    text = cmssw_snippet(found(EvaluationSettings().working_points))

    line = next(line for line in text.splitlines() if "DetachedTripletStep" in line)
    assert line.endswith("# cut of all tracks: loose, tight, highPurity")
    assert "# loose: true-track efficiency at least 0.99" in text


def test_snippet_orders_named_points_as_cmssw_does():
    points = [
        WorkingPoint(name="highPurity", target="fake_rate", value=0.1),
        WorkingPoint(name="extra", value=0.5),
        WorkingPoint(name="tight", value=0.9),
        WorkingPoint(name="loose", value=0.99),
    ]

    text = cmssw_snippet(found(points))

    assert "In each row: loose, tight, highPurity." in text
    assert "# highPurity: fakes among the passing tracks at most 0.1" in text


def test_snippet_needs_three_points():
    points = found([WorkingPoint(name="loose", value=0.99)])

    assert not has_three_cuts(points)
    with pytest.raises(SettingsError, match="must have three working points"):
        cmssw_snippet(points)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("initialStep", "InitialStep"), ("algo77", "Algo77"), ("", "")],
)
def test_iteration_parameter_starts_with_a_capital(name, expected):
    assert iteration_parameter(name) == expected


def test_format_cut_brings_back_every_single_precision_number():
    random = np.random.default_rng(1)
    values = np.concatenate(
        [random.uniform(-1, 1, 2000), [-1, 0, 1, 1e-8, -0.5]]
    ).astype(np.float32)

    for value in values:
        text = format_cut(float(value))
        assert isinstance(ast.literal_eval(text), float)
        assert np.float32(float(text)) == value
