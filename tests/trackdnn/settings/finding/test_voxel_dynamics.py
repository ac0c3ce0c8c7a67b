import pytest
from pydantic import ValidationError

from trackdnn.graphs.truth_graphs import MODES
from trackdnn.settings.finding import VoxelDynamicsSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"cells": 0},
        {"cells": 2**22 + 1},
        {"bins": 0},
        {"truth": "helix"},
        {"smooth": 1.0},
        {"strength": 0.0},
        {"cut": -0.1},
        {"least": 0},
    ],
    ids=str,
)
def test_values_without_meaning_are_refused(wrong):
    with pytest.raises(ValidationError):
        VoxelDynamicsSettings(**wrong)


@pytest.mark.parametrize("truth", MODES)
def test_every_truth_can_be_counted(truth):
    assert VoxelDynamicsSettings(truth=truth).truth == truth


def test_links_of_the_finest_cells_fit_into_64_bits():
    fields = VoxelDynamicsSettings.model_fields
    cells, bins = (fields[name].metadata[1].le for name in ("cells", "bins"))

    assert cells**2 * (bins + 1) < 2**63
