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


def test_batch_sizes_are_few_and_small():
    assert ExportSettings(static_batches=[1, 16]).static_batches == (1, 16)
    with pytest.raises(ValidationError, match="at most 16 different numbers from 1 to"):
        ExportSettings(static_batches=[0])
