"""Ranges of tensors for real tracks."""

import numpy as np
import onnx
import pytest

from export.errors import ConversionError
from export.variants.calibration import MAX_ROWS, find_ranges


def test_ranges_are_those_of_the_values(network, feed, run):
    wide = onnx.ModelProto.FromString(network.SerializeToString())
    wide.graph.output.append(onnx.helper.make_empty_tensor_value_info("p1"))
    values = run(wide, feed, ["p1", "score"])

    found = find_ranges(network, ["p1", "score", "p1"], feed, "min-max")

    expected = {
        name: (float(v.min()), float(v.max()))
        for name, v in zip(("p1", "score"), values, strict=True)
    }
    assert found == expected


def test_percentiles_leave_the_tails_out(network):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5000, 4)).astype(np.float32)
    feed = {"x": x, "y": np.full((5000, 1), 4, np.float32)}

    wide = find_ranges(network, ["p1"], feed, "min-max")["p1"]
    low, high = find_ranges(network, ["p1"], feed, "percentile")["p1"]

    assert wide[0] < low < 0 < high < wide[1]


def test_ranges_take_a_bounded_number_of_tracks(network):
    x = np.zeros((MAX_ROWS + 1, 4), np.float32)
    x[-1] = 100
    feed = {"x": x, "y": np.full((len(x), 1), 4, np.float32)}

    low, high = find_ranges(network, ["p0"], feed, "min-max")["p0"]
    first = {name: value[:1] for name, value in feed.items()}

    assert (low, high) == find_ranges(network, ["p0"], first, "min-max")["p0"]


def test_ranges_need_tracks(network, feed):
    empty = {name: value[:0] for name, value in feed.items()}

    with pytest.raises(ConversionError, match=r"on real tracks. Received: none"):
        find_ranges(network, ["p1"], empty)


def test_ranges_need_a_known_method(network, feed):
    with pytest.raises(ConversionError, match=r"min-max or percentile. Received: 'kl'"):
        find_ranges(network, ["p1"], feed, "kl")
