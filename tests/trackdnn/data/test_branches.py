"""Which branches are read; wrong ones are in the malformed list."""

from __future__ import annotations

import pytest

from trackdnn.data.branches import plan_branches
from trackdnn.data.files import open_tree

TREE = "trackingNtuple/tree"


def plan(path, label="auto", need_label=True):
    with open_tree(path, TREE) as tree:
        return plan_branches(tree, "here", label=label, need_label=need_label)


def test_plan_reads_only_what_is_needed(ntuple_factory):
    found = plan(ntuple_factory(label=("trk_isTrue", "trk_bestSimTrkIdx")))

    assert len(found.names) == len(set(found.names)) == 29 + 2 + 1 + 3 + 3
    assert found.label == "trk_isTrue"
    assert found.vertices == ("vtx_z", "vtx_fake", "vtx_valid")
    assert found.event_id == ("run", "lumi", "event")
    assert "trk_algo" not in found.names


def test_plan_goes_on_without_what_only_plots_need(ntuple_factory):
    found = plan(ntuple_factory(drop=["vtx", "trk_mva", "lumi"]))

    assert (found.mva, found.vertices, found.event_id) == (False, (), ())


def test_plan_of_flat_matches_reads_their_counts(ntuple_factory):
    found = plan(ntuple_factory(label="trk_simTrkIdx"))

    assert (found.label, found.match_counts) == ("trk_simTrkIdx", "trk_nSimTrk")


@pytest.mark.parametrize("label", ["auto", "trk_bestSimTrkIdx"])
def test_plan_without_truth_is_fine_where_none_is_needed(ntuple_factory, label):
    found = plan(ntuple_factory(label=()), label, need_label=False)

    assert found.label is None
