"""The whole check on a small network: it passes, and it finds what it should."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from benchmarks import cut_safety as module
from benchmarks.cut_rows import rows_of
from export.cut_safety import Cuts
from export.exporter import ModelExporter
from export.signature import evaluate
from network.inputs import InputSpec
from trackdnn.settings import ExportSettings

ROWS = 20_000
CUTS = {"loose": -0.3, "tight": 0.2}


@pytest.fixture(scope="module")
def spec():
    return InputSpec(
        names=tuple(f"input{i}" for i in range(29)),
        units=("",) * 29,
        transforms=("absolute_log1p",) * 17 + ("identity",) * 12,
        lower=(0.0,) * 17 + (-3.0,) * 12,
        upper=(6.0,) * 17 + (3.0,) * 12,
        scales=(1.0,) * 29,
        vocabulary=(4, 5, 22),
    )


@pytest.fixture(scope="module")
def model(spec):
    import keras

    from network.custom.input_sanitizer import InputSanitizer
    from network.custom.one_hot import OneHot

    keras.utils.set_random_seed(7)
    features = keras.Input((29,), name="features")
    category = keras.Input((1,), name="category")
    clean = InputSanitizer(spec.transforms, spec.lower, spec.upper, spec.scales, True)
    x = keras.layers.Concatenate()([clean(features), OneHot((4, 5, 22))(category)])
    x = keras.layers.Dense(16, activation="elu")(x)
    score = keras.layers.Dense(1, activation="sigmoid", name="score")(x)
    return keras.Model([features, category], score)


@pytest.fixture(scope="module")
def bundle(model, spec, tmp_path_factory):
    def cuts(shift):
        return {name: {"cut": cut + shift} for name, cut in CUTS.items()}

    points = {
        "overall": cuts(0.0),
        "iterations": {"lowPtTriplet": {"originalAlgo": 5, "cuts": cuts(0.1)}},
    }
    exporter = ModelExporter(ExportSettings(static_batches=(16,)))
    folder = tmp_path_factory.mktemp("cuts") / "bundle"
    return exporter.export(model, spec, folder, details={"working_points": points})


@pytest.fixture(scope="module")
def keras_scores(model):
    return lambda x, y: evaluate(model, x, y)


@pytest.fixture(scope="module")
def rows(bundle, keras_scores):
    return rows_of(bundle.spec, keras_scores, module.points_of(bundle), ROWS)


def measure(bundle, reference, artifacts, rows):
    return module.measure(reference, artifacts, rows, module.points_of(bundle))


def test_points_are_those_of_the_manifest(bundle):
    points = module.points_of(bundle)

    assert points == {
        "loose": Cuts(-0.3, {5: pytest.approx(-0.2)}),
        "tight": Cuts(0.2, {5: pytest.approx(0.3)}),
    }


def test_bundle_without_working_points_is_refused(bundle):
    bare = dataclasses.replace(
        bundle, manifest={**bundle.manifest, "working_points": {}}
    )

    with pytest.raises(module.InputError, match=r"must have working points to look"):
        module.points_of(bare)


def test_no_decision_differs_in_any_artifact(bundle, keras_scores, rows):
    found = measure(bundle, keras_scores, module.runtimes(bundle), rows)

    assert set(found) == {
        *("frozen graph", "SavedModel", "ONNX, optimised", "ONNX, as it is"),
        "static SavedModel, XLA, 16",
    }
    for tallies in found.values():
        whole = module.cut_safety.total(tallies.values())
        # Twice: once for each working point.
        assert whole.rows == 2 * len(rows.probe) > 1.8 * ROWS
        assert whole.near > 1000
        assert whole.flips == 0
    assert module.safe(found)


@pytest.mark.parametrize("shift", [3e-6, -3e-6])
def test_artifact_that_is_off_by_little_is_found(bundle, keras_scores, rows, shift):
    def off(features, category):
        return keras_scores(features, category) + np.float32(shift)

    found = measure(bundle, keras_scores, {"off": off}, rows)

    assert not module.safe(found)
    tally = module.cut_safety.total(found["off"].values())
    assert tally.flips > 100
    assert 1e-6 < tally.farthest < 1e-5


def test_artifact_that_is_off_in_one_iteration_is_found(bundle, keras_scores, rows):
    def off(features, category):
        wrong = np.where(category == 5, np.float32(3e-6), np.float32(0))
        return keras_scores(features, category) + wrong

    assert not module.safe(measure(bundle, keras_scores, {"off": off}, rows))


def test_tables_show_every_artifact_point_and_origin(bundle, keras_scores, rows):
    found = measure(bundle, keras_scores, {"self": keras_scores}, rows)

    points = module.by_point(found, "title")
    groups = module.by_group(found, rows.names)

    assert [row[:2] for row in points.rows] == [("self", "loose"), ("self", "tight")]
    assert [row[1] for row in groups.rows] == ["drawn", "near cuts, between drawn"]
    assert {row[5] for row in (*points.rows, *groups.rows)} == {"0"}


def test_command_compares_with_the_frozen_graph_where_no_run_is(
    bundle, monkeypatch, capsys
):
    assert module.main([str(bundle.folder), "--rows", "1000"]) == 0

    said = capsys.readouterr().out
    assert "the frozen graph (no run is at hand for Keras)" in said
    assert "static SavedModel" in said


def test_command_ends_with_1_when_a_decision_differs(bundle, monkeypatch, capsys):
    def broken(bundle):
        return {"broken": lambda x, y: np.zeros((len(x), 1), np.float32)}

    monkeypatch.setattr(module, "runtimes", broken)

    assert module.main([str(bundle.folder), "--rows", "1000"]) == 1


def test_command_refuses_what_is_no_bundle(tmp_path, capsys):
    assert module.main([str(tmp_path)]) == 2
    assert "must hold a manifest.json" in capsys.readouterr().err


def test_too_few_rows_are_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        module.main(["somewhere", "--rows", "10"])
    assert "must be at least 1000. Received: 10" in capsys.readouterr().err
