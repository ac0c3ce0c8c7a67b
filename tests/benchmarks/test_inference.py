"""The inference benchmark: which tracks, and what of a bundle it shows."""

import numpy as np
import pytest

from benchmarks import inference
from export.manifest import Bundle


def test_tracks_are_raw_and_real(tmp_path):
    path = tmp_path / "tracks.npz"

    rows = inference._write_tracks(inference.SAMPLE, path)

    with np.load(path) as content:
        assert content["features"].shape == (rows, 29)
        assert content["features"].dtype == np.float32
        assert content["category"].shape == (rows, 1)
        assert rows >= max(inference.BATCHES)
        # pT in GeV, of tracks as they were found.
        assert np.median(content["features"][:, 0]) > 0.3


def test_batch_beyond_the_tracks_is_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(inference, "_quality", lambda run: {})

    code = inference.main([str(tmp_path), "--batches", "16,1000000"])

    assert code == 2
    assert "--batches must be at most the" in capsys.readouterr().err


def test_run_without_a_bundle_is_refused(tmp_path, capsys):
    assert inference.main([str(tmp_path)]) == 2
    assert "A bundle must be a folder" in capsys.readouterr().err


def test_quality_comes_from_the_bundle(tmp_path, monkeypatch):
    fraction = {"value": 0.1, "lower": 0.09, "upper": 0.11}
    manifest = {
        "training": {"architecture": "cms_run3", "parameters": 74241},
        "evaluation": {
            "tracks": 10,
            "true": 7,
            "fake": 3,
            "points": [{"target": 0.95, "fake_acceptance": fraction}],
        },
    }
    bundle = Bundle(folder=tmp_path / "bundle", manifest=manifest)
    monkeypatch.setattr(inference, "read_bundle", {bundle.folder: bundle}.get)

    found = inference._quality(tmp_path)

    assert found["architecture"] == "cms_run3"
    assert found["tracks"] == [10, 7, 3]
    assert found["fakes"] == {"0.95": fraction}


def test_options_name_batches():
    assert inference._options(["run", "--batches", "1,16"]).batches == [1, 16]
    with pytest.raises(SystemExit):
        inference._options(["run", "--batches", "many"])
