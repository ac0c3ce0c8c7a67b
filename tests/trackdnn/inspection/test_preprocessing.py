from __future__ import annotations

import pytest

from trackdnn.data.features import FEATURE_NAMES
from trackdnn.inspection import plausible, preprocessing
from trackdnn.inspection.graph_definition import Session, read_definition


def find(path):
    definition = read_definition(path)
    session = Session(definition, "x", "y")
    return preprocessing.find(
        definition, session, FEATURE_NAMES, "x", plausible.built_in()
    )


def test_sane_ranges_squeeze_nothing(sane_graph):
    found = find(sane_graph)

    assert found.scaled
    assert found.squeezed == ()
    assert found.upper[0] == pytest.approx(8.0)
    assert found.lower.tolist() == [0.0] * 29


def test_extreme_ranges_squeeze_their_inputs(write_graph, sane_graph):
    upper = find(sane_graph).upper.tolist()
    upper[FEATURE_NAMES.index("etaErr")] = 861.0
    upper[FEATURE_NAMES.index("phiErr")] = 2022.0

    found = find(write_graph("squeezed", upper=upper))

    assert found.squeezed == ("etaErr", "phiErr")
    text = "\n".join(found.lines())
    assert "phiErr: plausible tracks use 1.5e-05 of its range, 0 to 2022" in text
    assert found.to_dict()["squeezed"] == ["etaErr", "phiErr"]


def test_spread_is_that_of_the_scaled_column(sane_graph):
    import numpy as np

    found = find(sane_graph)

    low, high = 0.3, 50.0
    expected = 2 * (np.log1p(high) - np.log1p(low)) / 8.0
    assert found.spread[0] == pytest.approx(expected, rel=1e-5)


def test_a_graph_without_scaling_is_told(write_graph):
    found = find(write_graph("plain", scaled=False))

    assert not found.scaled
    assert found.squeezed == ()
    assert found.lines() == ["preprocessing: columns are neither clipped nor scaled"]


def test_ranges_of_our_own_graph_are_found(bundle, spec):
    found = find(bundle.frozen_graph)

    assert found.scaled
    assert found.upper.tolist() == pytest.approx(list(spec.upper))
    assert found.lower.tolist() == pytest.approx(list(spec.lower))


def test_raw_inputs_beside_the_scaled_ones_do_not_confuse(spec, tmp_path):
    import keras

    from export.frozen_graph import write_frozen_graph
    from export.signature import Names
    from network.custom.input_sanitizer import InputSanitizer

    x = keras.Input((29,), name="features")
    y = keras.Input((1,), name="category")
    clean = InputSanitizer(spec.transforms, spec.lower, spec.upper, spec.scales)(x)
    raw = keras.ops.minimum(keras.ops.abs(x), 7.0)
    both = keras.layers.Concatenate()([clean, raw, y])
    model = keras.Model([x, y], keras.layers.Dense(1, activation="sigmoid")(both))
    write_frozen_graph(model, tmp_path / "a.pb", Names())

    found = find(tmp_path / "a.pb")

    assert found.scaled
    assert found.upper.tolist() == pytest.approx(list(spec.upper))
