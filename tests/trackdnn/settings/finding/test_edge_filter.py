import pytest
from pydantic import ValidationError

from trackdnn.graphs.truth_graphs import MODES
from trackdnn.settings.finding import EdgeFilterSettings


@pytest.mark.parametrize("mode", MODES)
def test_edge_filter_takes_every_mode_of_truth(mode):
    assert EdgeFilterSettings(truth=mode).truth == mode


@pytest.mark.parametrize("wrong", [{"cut": 0}, {"cut": 1}, {"trees": 0}, {"edges": 0}])
def test_edge_filter_refuses_what_is_no_filter(wrong):
    with pytest.raises(ValidationError):
        EdgeFilterSettings.model_validate(wrong)
