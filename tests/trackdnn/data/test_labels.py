"""Truth in its three forms."""

from __future__ import annotations

import numpy as np
import pytest

from trackdnn.data.files import open_tree
from trackdnn.data.labels import LABELS, choose_label, truth_of


def chosen(path, label="auto"):
    with open_tree(path, "trackingNtuple/tree") as tree:
        return choose_label(tree, "here", label=label, need_label=True)


def test_auto_label_takes_the_first_that_is_there(ntuple_factory):
    for number, first in enumerate(LABELS):
        path = ntuple_factory(f"{number}.root", events=2, label=LABELS[number:])
        assert chosen(path) == first


def test_auto_label_passes_over_flat_matches_without_counts(ntuple_factory):
    path = ntuple_factory(events=2, label=LABELS[1:], drop=["trk_nSimTrk"])

    assert chosen(path) == "trk_bestSimTrkIdx"


@pytest.mark.parametrize("label", LABELS)
def test_chosen_label_is_taken(ntuple_factory, label):
    assert chosen(ntuple_factory(events=2, label=LABELS), label) == label


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("trk_isTrue", [1, 0, 0, 1]),
        ("trk_simTrkIdx", [2, 0, 0, 1]),
        ("trk_bestSimTrkIdx", [0, -1, -1, 17]),
    ],
)
def test_truth_of_each_form_is_the_same(name, values):
    truth = truth_of(name, np.array(values), "here")

    assert truth.tolist() == [True, False, False, True]
