from typing import get_args

import pytest

from trackdnn.graphs.constructor import KINDS, constructor_class
from trackdnn.settings.finding import FindingSettings


@pytest.mark.parametrize("kind", KINDS)
def test_constructor_class_has_all_that_is_asked_of_it(kind):
    found = constructor_class(kind)

    for method in ("train", "build", "save", "load"):
        assert callable(getattr(found, method))


def test_constructor_kinds_are_those_of_the_settings():
    allowed = get_args(FindingSettings.model_fields["constructor"].annotation)

    assert set(allowed) == set(KINDS)
    assert set(KINDS) < set(FindingSettings.model_fields)
