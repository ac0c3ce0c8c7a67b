"""What is compiled ahead of time: once in earnest, and what is refused."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from benchmarks import ahead_of_time as module
from export.manifest import Bundle


@pytest.fixture
def bare(tmp_path):
    return Bundle(folder=tmp_path, manifest={"static_batches": []})


def test_bundle_without_batch_sizes_is_refused(bare, tmp_path):
    with pytest.raises(module.InputError, match=r"must have static batch sizes\. Rec"):
        module.outcomes(bare, tmp_path)


def test_missing_compiler_is_told(bare, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(module.InputError, match=r"A C\+\+ compiler must be on the P"):
        module.build(bare, tmp_path, 16, [])


def test_tool_that_fails_is_told_with_its_last_line(tmp_path):
    words = ["sh", "-c", "echo first >&2; echo no such signature >&2; exit 3"]

    with pytest.raises(module.InputError, match=r"end with 0\. Received: no such sig"):
        module._run(words, tmp_path)


def test_tool_that_is_missing_is_told(tmp_path):
    with pytest.raises(module.InputError, match=r"nowhere must run\. Received: "):
        module._run([str(tmp_path / "nowhere")], tmp_path)


def test_table_has_a_line_per_batch_size():
    found = [module.Outcome(16, 3141, 1.5e-6, 5_740_000)]

    assert module.table(found).rows == (("16", "3,141", "1.5e-06", "5.74"),)


def test_command_refuses_what_is_no_bundle(tmp_path, capsys):
    assert module.main([str(tmp_path)]) == 2
    assert "must hold a manifest.json" in capsys.readouterr().err


@pytest.mark.slow
def test_small_network_scores_the_same_from_cpp(tmp_path):
    import keras

    from export.exporter import ModelExporter
    from network.custom.input_sanitizer import InputSanitizer
    from network.custom.one_hot import OneHot
    from network.inputs import InputSpec
    from trackdnn.settings import ExportSettings

    spec = InputSpec(
        names=tuple(f"input{i}" for i in range(29)),
        units=("",) * 29,
        transforms=("identity",) * 29,
        lower=(-9.0,) * 29,
        upper=(9.0,) * 29,
        scales=(1.0,) * 29,
        vocabulary=(4, 5),
    )
    keras.utils.set_random_seed(3)
    features = keras.Input((29,), name="features")
    category = keras.Input((1,), name="category")
    clean = InputSanitizer(spec.transforms, spec.lower, spec.upper, spec.scales, True)
    both = [clean(features), OneHot(spec.vocabulary)(category)]
    x = keras.layers.Concatenate()(both)
    hidden = keras.layers.Dense(8, activation="tanh")(x)
    score = keras.layers.Dense(1, activation="sigmoid")(hidden)
    exporter = ModelExporter(ExportSettings(static_batches=(16,)))
    network = keras.Model([features, category], score)
    bundle = exporter.export(network, spec, tmp_path / "bundle")

    found = module.outcomes(bundle, tmp_path / "built")

    assert [one.size for one in found] == [16]
    assert found[0].rows > 1000
    assert found[0].difference <= 1e-6
    assert dataclasses.asdict(found[0])["size_bytes"] > 1000
    assert Path(tmp_path / "built" / "batch16").is_file()
