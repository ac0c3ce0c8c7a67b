from __future__ import annotations

import pytest

from trackdnn.inspection import plausible
from trackdnn.inspection.columns import Shape
from trackdnn.inspection.preprocessing import Column, Preprocessing
from trackdnn.inspection.responses import measure
from trackdnn.inspection.tables import column_table, sensitivity_table


@pytest.fixture
def prepared():
    shape = Shape(
        transform="log1p(|x|/s)",
        divisor=0.02,
        scale=0.5,
        offset=-1.0,
        lower=None,
        upper=7.5,
        even=True,
        at_nan=None,
        bounded=True,
    )
    return Preprocessing(
        names=("a", "b"),
        columns=(Column(name="a", shape=shape, spread=0.5),),
        derived=(0, 3),
        below=(0.0, 0.0),
        above=(0.25, 0.0),
        place="first matrix",
    )


def test_the_strongest_input_comes_first(prepared):
    reference = plausible.of_columns(("a", "b"))
    found = measure(lambda rows: rows[:, [1]] + 0.1 * rows[:, [0]], reference)

    grid = sensitivity_table(found, prepared, None)

    assert [row[:2] for row in grid.rows] == [("b", "1"), ("a", "2")]
    assert dict(zip(grid.heads, grid.rows[1], strict=True))["above"] == "25.0%"
    assert dict(zip(grid.heads, grid.rows[0], strict=True))["from"] == "-3"


def test_the_constants_of_each_column_are_shown(prepared):
    grid = column_table(prepared)

    first = dict(zip(grid.heads, grid.rows[0], strict=True))
    assert first["transform"] == "log1p(|x|/0.02)"
    assert (first["lower end"], first["upper end"]) == ("", "7.5")
    assert (first["scale"], first["offset"], first["NaN gives"]) == ("0.5", "-1", "NaN")
    assert first["used"] == "0.25"


def test_an_input_without_a_column_of_its_own_is_shown(prepared):
    second = column_table(prepared).rows[1]

    assert second[:2] == ("b", "none")
    assert second[-1] == "3"
    assert len(second) == len(column_table(prepared).heads)
