from typing import get_args

import pytest

from trackdnn.errors import SettingsError
from trackdnn.settings.finding import FindingSettings
from trackdnn.tracking.builder import KINDS, WITH_MASKS, make_builder


@pytest.mark.parametrize("kind", KINDS)
def test_builder_of_each_kind_can_be_made(kind):
    masks = object() if kind in WITH_MASKS else None

    builder = make_builder(FindingSettings(builder=kind), masks)

    assert callable(builder.build)


@pytest.mark.parametrize("kind", WITH_MASKS)
def test_builder_that_needs_masks_refuses_to_do_without(kind):
    with pytest.raises(SettingsError, match=f"builder={kind} must have .* Received: a"):
        make_builder(FindingSettings(builder=kind))


def test_builder_kinds_are_those_of_the_settings():
    allowed = get_args(FindingSettings.model_fields["builder"].annotation)

    assert set(allowed) == set(KINDS)
    assert set(KINDS) < set(FindingSettings.model_fields)
