"""Settings of the neighbour search say no to what finds nothing."""

import pytest
from pydantic import ValidationError

from trackdnn.settings.finding.neighbours import NeighboursSettings


@pytest.mark.parametrize(
    "wrong", [{"radius": 0.0}, {"most": 0}, {"depth": 0.0}, {"unknown": 1}]
)
def test_impossible_values_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        NeighboursSettings(**wrong)


def test_radius_may_be_left_out():
    assert NeighboursSettings(radius=None).radius is None
