"""Settings of the module map say no to what makes no map."""

import pytest
from pydantic import ValidationError

from trackdnn.settings.finding.module_map import ModuleMapSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"regions": "cells"},
        {"z_bin": 0.0},
        {"r_bin": -1.0},
        {"truth": "mst"},
        {"min_pt": -0.1},
        {"least": 0},
        {"share": 1.0},
        {"tail": 0.5},
        {"triplet_tail": 0.5},
        {"sample": 0},
        {"scored": 0},
        {"cut": 1.0},
        {"unknown": 1},
    ],
)
def test_impossible_values_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        ModuleMapSettings(**wrong)


def test_defaults_make_a_map_of_bins():
    assert ModuleMapSettings().regions == "bins"
    assert ModuleMapSettings(tail=0.0, share=0.0, cut=0.0).least >= 1
