"""What is said to lie between bounds does."""

import numpy as np
import pytest

from export.variants.bounds import ANYTHING, Interval, find_bounds
from export.variants.graph import Graph
from tests.export.variants.conftest import run

TEXT = """
<ir_version: 7, opset_import: ["" : 13]>
g (float[n, 3] x) => (float[n, 3] {name}) {{
    nan = IsNaN (x)
    real = Where (nan, two, x)
    under = Min (real, ten)
    inside = Max (under, minus)
    size = Abs (inside)
    square = Mul (inside, inside)
    sum = Add (square, two)
    root = Sqrt (sum)
    log = Log (sum)
    ratio = Div (inside, sum)
    turned = Reciprocal (sum)
    difference = Sub (ratio, size)
    product = Mul (difference, root)
    sine = Sin (product)
    signed = Sign (x)
    one = Sigmoid (inside)
    wild = Div (inside, size)
    open = Log (size)
    huge = Mul (big, big)
    never = Exp (inside)
    unclean = Min (x, ten)
    magnitude = Abs (wild)
    capped = Min (magnitude, ten)
    lifted = Max (capped, big)
}}
"""
KNOWN = {
    "inside": (-4, 10),
    "size": (0, 10),
    "square": (0, 100),
    "sum": (2, 102),
    "root": (2**0.5, 102**0.5),
    "log": (np.log(2), np.log(102)),
    "ratio": (-2, 5),
    "turned": (1 / 102, 1 / 2),
    "difference": (-12, 5),
    "product": (-12 * 102**0.5, 5 * 102**0.5),
    "sine": (-1, 1),
    "one": (0, 1),
}


def made(build, name="product"):
    body = TEXT.format(name=name).replace("Mul (big, big)", "Mul (inside, big)")
    values = {"two": 2, "ten": 10, "minus": -4, "big": 3e38}
    return build(body, **{key: np.float32(value) for key, value in values.items()})


@pytest.mark.parametrize("name", KNOWN)
def test_bounds_hold_for_odd_and_random_values(build, name):
    proto = made(build, name)
    rng = np.random.default_rng(4)
    x = rng.normal(size=(500, 3)) * 10 ** rng.uniform(-9, 9, (500, 3))
    x[:4, 0] = [np.nan, np.inf, -np.inf, 0]

    found = find_bounds(Graph(proto)).of(name)
    (values,) = run(proto, {"x": x.astype(np.float32)})

    assert (found.low, found.high) == pytest.approx(KNOWN[name])
    assert found.finite
    assert values.min() >= found.low - 1e-5
    assert values.max() <= found.high + 1e-5


@pytest.mark.parametrize("name", ["wild", "open", "never", "signed", "x"])
def test_bounds_are_open_where_nothing_is_sure(build, name):
    proto = made(build, "product" if name == "x" else name)

    assert find_bounds(Graph(proto)).of(name) == ANYTHING


def test_bounds_know_what_overflows(build):
    found = find_bounds(Graph(made(build, "huge"))).of("huge")

    assert found == Interval(-np.inf, np.inf, nan=False)
    assert not found.finite


def test_bounds_without_nan_may_be_infinite(build):
    found = find_bounds(Graph(made(build))).of("real")

    assert found == Interval(-np.inf, np.inf, nan=False)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    # A runtime that drops the NaN of `capped` gives the other operand, `big`.
    [("unclean", -np.inf, 10.0), ("capped", 0.0, 10.0), ("lifted", 3e38, 3e38)],
)
def test_bounds_hold_for_numbers_beside_nan(build, name, low, high):
    bounds = find_bounds(Graph(made(build, name)))

    found = bounds.of(name)
    assert found == Interval(pytest.approx(low), pytest.approx(high), nan=True)
    assert not bounds.finite(name)


def test_bounds_of_a_clip_with_one_limit(build):
    text = """
        <ir_version: 7, opset_import: ["" : 13]>
        g (float[n, 3] x) => (float[n, 3] open) {
            real = Sigmoid (zero)
            lifted = Clip (real, one)
            open = Add (x, lifted)
        }
    """
    graph = Graph(build(text, zero=np.zeros((1, 3), "f4"), one=np.float32(0.25)))

    assert find_bounds(graph).of("lifted") == Interval(0.25, 1.0, nan=False)
