import pytest
from pydantic import ValidationError

from trackdnn.settings.export import ExportSettings


@pytest.mark.parametrize("name", ["", "1x", "a b", "a/b"])
def test_names_in_graphs_are_plain(name):
    with pytest.raises(ValidationError, match="feature_input"):
        ExportSettings(feature_input=name)


def test_target_is_known():
    assert ExportSettings(target="onnxruntime-1.22").target == "onnxruntime-1.22"
    with pytest.raises(ValidationError, match="A target must be one of cmssw-13_0"):
        ExportSettings(target="cmssw")
