import re
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from trackdnn.data.features import FEATURES
from trackdnn.simulation import ntuple


def make_event(rng, tracks):
    """Random values of the right lengths for every branch."""
    sizes = {"trk": tracks, "vtx": 2, "sim": 7, "simvtx": 3}
    sizes |= {"event": 1, "lumi": 1, "run": 1, "bsp": 1, "simpv": 3}
    event = {
        name: rng.integers(0, 9, sizes[name.split("_")[0]]) for name in ntuple.BRANCHES
    }
    event["trk_simTrkIdx"] = np.arange(tracks // 2)
    return event


@pytest.fixture
def events():
    rng = np.random.default_rng(1)
    return [make_event(rng, tracks) for tracks in (4, 0, 6)]


@pytest.fixture
def tree(tmp_path, events):
    path = tmp_path / "tracks.root"
    with ntuple.NtupleWriter(path) as writer:
        writer.write(events[:2])
        writer.write(events[2:])
    with uproot.open(path) as file:
        yield file[ntuple.TREE]


def test_writer_writes_every_value(tree, events):
    for name in ntuple.BRANCHES:
        written = tree[name].array()
        for entry, event in zip(written, events, strict=True):
            np.testing.assert_array_equal(ak.to_numpy(entry).ravel(), event[name])


def test_writer_writes_the_types_of_cms(tree):
    kinds = {"trk_pt": "float32", "trk_isTrue": "int16", "trk_nPixel": "uint32"}
    kinds |= {"trk_q": "int32", "trk_algoMask": "uint64", "event": "uint64"}

    for name, kind in kinds.items():
        array = tree[name].array()
        assert str(ak.flatten(array, axis=None).type.content) == kind


def test_writer_makes_one_entry_per_event(tree):
    assert tree.num_entries == 3
    assert tree["ntrk"].array().tolist() == [4, 0, 6]


def test_writer_writes_a_tree_not_an_rntuple(tree):
    assert tree.classname == "TTree"


def test_branches_cover_the_inputs_of_the_networks():
    assert {feature.branch for feature in FEATURES} <= set(ntuple.BRANCHES)
    assert {"trk_originalAlgo", "trk_isTrue", "trk_simTrkIdx"} <= set(ntuple.BRANCHES)


def test_documentation_names_every_branch_with_its_type():
    page = Path(__file__).parents[3] / "docs" / "data_format.md"
    rows = [line.split("|") for line in page.read_text().splitlines()]
    documented = {
        name: row[2].strip()
        for row in rows
        if len(row) > 4
        for name in re.findall(r"`(\w+)`", row[1])
    }

    kinds = {name: str(kind) for name, kind in ntuple.BRANCHES.items()}
    assert kinds.items() <= documented.items()
