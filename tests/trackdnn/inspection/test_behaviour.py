from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from export.artifacts import Tensor
from trackdnn.data.features import FEATURE_NAMES
from trackdnn.errors import BadFileError
from trackdnn.inspection.behaviour import Data, Subject, ask
from trackdnn.inspection.explanation import explanation
from trackdnn.inspection.wiring import Wiring


class Line:
    """The score is eta, one or all rows at a time."""

    def __init__(self, width=29):
        self._width = width

    def fetch(self, tensors, feed):
        return [np.tanh(feed["x"][:, [17 % self._width]])]


def subject(shape=(-1, 29), runtime=Line, **more):
    return Subject(
        path=Path("a.onnx"),
        inputs=(Tensor("x", "float32", shape),),
        outputs=("out",),
        wiring=Wiring(nodes=(), inputs=("x",), constants={}),
        runtime=runtime,
        runtime_name="ONNX Runtime",
        **more,
    )


START = explanation("ONNX file", "a.onnx", ["one line"], {"nodes": 3})


def test_asking_adds_lines_tables_and_values():
    found = ask(START, subject(), None)

    assert found.lines[:2] == START.lines
    assert set(found.content) == {"nodes", "preprocessing", "responses", "odd_values"}
    assert set(found.responses.dead) == set(FEATURE_NAMES) - {"eta"}
    assert found.grids[0].rows[0][0] == "eta"
    assert len(found.grids) == 1
    assert len({len(row) for row in (found.grids[0].heads, *found.grids[0].rows)}) == 1


def test_a_graph_that_cannot_be_asked_keeps_its_explanation():
    found = ask(START, subject(shape=(-1, -1)), None)

    assert found.lines[:2] == START.lines
    assert found.content["not_asked"].startswith("its input 'x' [-1, -1] varies")
    assert found.responses is None


def test_a_graph_that_cannot_run_is_told():
    def broken():
        raise RuntimeError("no kernel\nand more")

    with pytest.raises(
        BadFileError, match=r"a\.onnx must run in ONNX Runtime\. .*kernel$"
    ):
        ask(START, subject(runtime=broken), None)


def test_tracks_bring_what_shuffling_takes(tracks_factory):
    data = Data(tracks=tracks_factory(700), name="b.root")

    found = ask(START, subject(), data)

    assert found.content["permutation"]["tracks"] == 700
    assert "asked about 512 of 700 tracks of b.root:" in found.lines


def test_tracks_are_refused_by_other_graphs(tracks_factory):
    data = Data(tracks=tracks_factory(20), name="b.root")

    with pytest.raises(BadFileError, match="must take the 29 inputs"):
        ask(START, subject(shape=(-1, 5)), data)


def test_one_value_only_is_told(tracks_factory):
    tracks = tracks_factory(600)
    tracks.features[:, 17] = 1.0

    found = ask(START, subject(), Data(tracks=tracks, name="b.root"))

    assert any("one value only in these rows: eta" in line for line in found.lines)
    assert "eta" not in found.responses.dead


def test_scores_that_are_not_finite_are_told():
    class Root(Line):
        def fetch(self, tensors, feed):
            return [np.sqrt(feed["x"])]

    found = ask(START, subject(shape=(-1, 1), runtime=Root), None)

    assert any("scores that are not finite" in line for line in found.lines)
    assert found.responses.dead == ()


def test_a_graph_of_one_row_at_a_time_is_asked_about_fewer():
    found = ask(START, subject(shape=(1, 29)), None)

    assert len(found.responses.reference.rows) == 64
    assert set(found.responses.dead) == set(FEATURE_NAMES) - {"eta"}
