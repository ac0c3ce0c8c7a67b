"""ModelBuilder: the choice becomes a network, or one clear sentence."""

import types

import keras
import pytest

from network.builder import ARCHITECTURES, ModelBuilder
from network.presets import PRESETS


def choice(architecture="default", **options):
    return types.SimpleNamespace(architecture=architecture, options=options)


@pytest.mark.parametrize("name", PRESETS)
def test_builder_builds_each_preset(make_spec, name):
    model = ModelBuilder(choice(name)).build(make_spec(PRESETS[name]))

    assert model.count_params() > 0


def test_every_preset_has_an_architecture():
    assert set(ARCHITECTURES) == set(PRESETS)


def test_builder_passes_options_on(make_spec):
    builder = ModelBuilder(choice(width=16, blocks=2))

    model = builder.build(make_spec(PRESETS["default"]))

    assert model.get_layer("block_1_dense_0").units == 16
    assert builder.options["activation"] == "swish"


def test_builder_refuses_an_unknown_option_by_its_nearest_name():
    with pytest.raises(ValueError, match="Did you mean 'width'"):
        ModelBuilder(choice(widht=16))


@pytest.mark.parametrize(
    ("name", "options"),
    [("cms2020", {}), ("cms_run3", {}), ("default", {})]
    + [("default", {"normalization": kind}) for kind in ("batch", "none")],
)
def test_builder_knows_which_networks_couple_tracks(make_spec, name, options):
    builder = ModelBuilder(choice(name, **options))
    layers = builder.build(make_spec(builder.preset)).layers

    normalised = any(isinstance(one, keras.layers.BatchNormalization) for one in layers)
    assert builder.coupled == normalised
