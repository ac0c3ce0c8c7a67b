from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from trackdnn.errors import BadFileError
from trackdnn.inspection.explain import explain, needs_tensorflow

ROOT = Path(__file__).parents[3]
CMS_FILE = ROOT / "tests" / "data" / "cms_layout.root"


def test_explain_tells_kinds_apart(bundle, sane_graph):
    saved = bundle.folder / "saved_model"
    paths = [bundle.folder, bundle.onnx, sane_graph, saved, CMS_FILE]

    kinds = [explain(path).kind for path in paths]

    assert kinds == ["bundle", "ONNX file", "frozen graph", "SavedModel", "ROOT file"]
    assert [needs_tensorflow(path) for path in paths] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_explanations_are_plain_json(bundle, sane_graph, other_onnx):
    for path in (bundle.folder, bundle.onnx, sane_graph, other_onnx, CMS_FILE):
        json.dumps(explain(path).to_dict(), allow_nan=False)


def test_explain_asks_about_the_tracks_of_files(bundle, ntuple_factory):
    path = ntuple_factory()

    found = explain(bundle.onnx, data=[path])

    rows = found.content["responses"]["rows"]
    assert rows.endswith(f"tracks of {path}")
    assert found.content["permutation"]["drop"]
    assert found.grids[0].heads[-2:] == ("shuffled", "AUC lost")


def test_explain_refuses_data_for_what_is_no_graph(ntuple_factory):
    with pytest.raises(BadFileError, match=r"must come with a graph.* a ROOT file"):
        explain(CMS_FILE, data=[ntuple_factory()])


def test_explain_refuses_data_for_other_graphs(other_onnx, ntuple_factory):
    with pytest.raises(BadFileError, match=r"29 inputs .* Received: inputs a, b"):
        explain(other_onnx, data=[ntuple_factory()])


def test_explain_needs_a_path_that_exists(tmp_path):
    (tmp_path / "tracks.root").write_text("")

    with pytest.raises(
        BadFileError, match=r"must exist\. .*Did you mean 'tracks.root'"
    ):
        explain(tmp_path / "track.root")


def test_explain_refuses_other_folders(tmp_path):
    with pytest.raises(BadFileError, match=r"without run\.json, manifest\.json or"):
        explain(tmp_path)


def test_explain_points_to_describe_for_a_dataset(tmp_path):
    (tmp_path / "manifest.json").write_text('{"format": 1, "made_by": {}}')

    with pytest.raises(BadFileError, match=r"prepared dataset .* with `describe`"):
        explain(tmp_path)


def test_explain_refuses_other_files(tmp_path):
    (tmp_path / "a.txt").write_text("")

    with pytest.raises(BadFileError, match=r"must be a run, a bundle.*a\.txt"):
        explain(tmp_path / "a.txt")


def test_explain_needs_no_tensorflow_but_for_frozen_graphs(bundle):
    paths = [str(bundle.folder), str(bundle.onnx), str(CMS_FILE)]
    code = (
        "import sys; from trackdnn.inspection.explain import explain; "
        f"[explain(path) for path in {paths}]; "
        "sys.exit(len({'tensorflow', 'keras'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT)

    assert done.returncode == 0
