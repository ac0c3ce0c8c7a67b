import pytest
from pydantic import ValidationError

from trackdnn.settings.finding import MaskLossSettings, MaskSettings, PivotsSettings


@pytest.mark.parametrize(
    ("block", "wrong"),
    [
        (MaskSettings, {"tokens": 2}),
        (MaskSettings, {"heads": 5}),
        (MaskSettings, {"wrong": 1.1}),
        (MaskSettings, {"micrographs": 0}),
        (MaskLossSettings, {"kind": "hinge"}),
        (MaskLossSettings, {"focal": -1.0}),
    ],
)
def test_masks_refuse_what_cannot_be_trained(block, wrong):
    with pytest.raises(ValidationError):
        block.model_validate(wrong)


def test_masks_are_trained_on_what_the_builder_makes():
    masks, pivots = MaskSettings(), PivotsSettings()

    for name in ("pivots", "reach", "tokens"):
        assert getattr(masks, name) == getattr(pivots, name)
