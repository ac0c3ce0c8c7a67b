import pytest
from pydantic import ValidationError

from trackdnn.settings.finding import (
    ComponentsSettings,
    DbscanSettings,
    FindingSettings,
    HdbscanSettings,
    PivotsSettings,
    WalkthroughSettings,
)


@pytest.mark.parametrize(
    ("block", "wrong"),
    [
        (ComponentsSettings, {"cut": 1.0}),
        (WalkthroughSettings, {"add": -0.1}),
        (WalkthroughSettings, {"min_hits": 0}),
        (DbscanSettings, {"radius": 0.0}),
        (HdbscanSettings, {"cut": 0.0}),
        (HdbscanSettings, {"most": 0}),
        (HdbscanSettings, {"radius": 1.0}),
        (PivotsSettings, {"mask_cut": 1.0}),
        (PivotsSettings, {"reach": 0}),
        (PivotsSettings, {"failures": 0}),
    ],
)
def test_builders_refuse_what_is_no_cut(block, wrong):
    with pytest.raises(ValidationError):
        block.model_validate(wrong)


def test_builders_let_walks_go_on_where_edges_are_there_at_all():
    settings = FindingSettings().walkthrough

    assert settings.cut <= settings.add
