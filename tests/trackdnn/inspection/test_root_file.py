from __future__ import annotations

from pathlib import Path

import pytest
import uproot

from trackdnn.errors import BadFileError
from trackdnn.inspection.root_file import explain_root

CMS_FILE = Path(__file__).parents[2] / "data" / "cms_layout.root"


def test_root_file_in_the_layout_of_cms_is_explained():
    found = explain_root(CMS_FILE)

    text = "\n".join(found.lines)
    assert "tree trackingNtuple/tree: 4 entries" in text
    assert "all 30 branches of the track classifier" in text
    assert "label: trk_simTrkIdx" in text
    assert found.content["tracks"]["tracks"] == 9


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("trk_isTrue", "label: trk_isTrue"),
        ("trk_bestSimTrkIdx", "label: trk_bestSimTrkIdx"),
        ("trk_simTrkIdx", "label: trk_simTrkIdx with trk_nSimTrk"),
    ],
)
def test_root_file_counts_true_and_fake_tracks(ntuple_factory, label, text):
    path = ntuple_factory(label=label, seed=4)

    found = explain_root(path)

    reference = explain_root(ntuple_factory("other.root", seed=4)).content["tracks"]
    assert text in found.lines
    assert found.content["tracks"]["true"] == reference["true"] > 0
    assert any(line.startswith("  4 initialStep: ") for line in found.lines)


def test_root_file_without_truth_can_be_scored(ntuple_factory):
    found = explain_root(ntuple_factory(label=()))

    assert "label: none; it can be scored, but not trained on or evaluated" in (
        found.lines
    )


def test_root_file_names_missing_branches(ntuple_factory):
    found = explain_root(ntuple_factory(drop=("trk_dzErr", "trk_phi")))

    assert "  trk_dzErr Did you mean 'trk_dxyErr'?" in found.lines
    assert found.content["tracks"]["missing"] == ["trk_dzErr", "trk_phi"]


def test_root_file_without_tracks_is_told(tmp_path):
    with uproot.recreate(tmp_path / "a.root") as file:
        file.mktree("events", {"met": "float32"}).extend({"met": [1.0, 2.0]})

    found = explain_root(tmp_path / "a.root")

    assert "tree events: 2 entries, 1 branches" in found.lines
    assert "no tree has trk_ branches" in found.lines[-1]


def test_root_file_with_a_branch_of_a_wrong_type_is_told(ntuple_factory):
    import numpy as np

    path = ntuple_factory(replace={"trk_originalAlgo": lambda a: a.astype(np.float32)})

    found = explain_root(path)

    assert "cannot read it: Branch 'trk_originalAlgo'" in found.lines[-1]


def test_root_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.root").write_text("text")

    with pytest.raises(BadFileError, match="must be a ROOT file"):
        explain_root(tmp_path / "a.root")
