"""The inputs of a new training."""

import numpy as np
import pytest

from network.presets import preset
from trackdnn.settings import ModelSettings
from trackdnn.training.fitting import fit_spec


@pytest.mark.parametrize("name", ["cms2020", "cms_run3", "default"])
def test_spec_follows_the_preset(parts, name):
    chosen = preset(name)

    spec = fit_spec(ModelSettings(architecture=name), chosen, parts[0])

    assert spec.transforms == chosen.transforms
    assert spec.rescale == (name != "cms_run3")
    seen = tuple(np.unique(parts[0].category).tolist())
    assert spec.vocabulary == (chosen.vocabulary or seen)
    assert (set(spec.scales) == {1.0}) == (chosen.scales == "unit")


def test_settings_go_before_the_preset(parts):
    model = ModelSettings(
        architecture="cms_run3", vocabulary="data", sanitizer={"ranges": "quantile"}
    )

    spec = fit_spec(model, preset("cms_run3"), parts[0])

    assert spec.rescale
    assert len(spec.vocabulary) < 25
