from typing import get_args

import pytest

from trackdnn.settings.finding import FindingSettings
from trackdnn.tracking.builder import KINDS, make_builder


@pytest.mark.parametrize("kind", KINDS)
def test_builder_of_each_kind_can_be_made(kind):
    builder = make_builder(FindingSettings(builder=kind))

    assert callable(builder.build)


def test_builder_kinds_are_those_of_the_settings():
    allowed = get_args(FindingSettings.model_fields["builder"].annotation)

    assert set(allowed) == set(KINDS)
    assert set(KINDS) < set(FindingSettings.model_fields)
