"""What TensorFlow is told of the GPUs, of which there is none here."""

import types

import pytest

from gpusetter import Choice
from trackdnn.errors import DeviceError
from trackdnn.settings import LocalSettings
from trackdnn.training import gpus


class Config:
    """Stands for `tf.config`, with two cards that keep what they are told."""

    def __init__(self):
        self.experimental = self
        self.growth, self.parts, self.started = {}, {}, False

    def list_physical_devices(self, kind):
        return ["a", "b"]

    def get_memory_growth(self, card):
        return self.growth.get(card, False)

    def set_memory_growth(self, card, grow):
        self._check()
        self.growth[card] = grow

    def LogicalDeviceConfiguration(self, *, memory_limit):
        return memory_limit

    def get_logical_device_configuration(self, card):
        return self.parts.get(card)

    def set_logical_device_configuration(self, card, parts):
        self._check()
        self.parts[card] = parts

    def _check(self):
        if self.started:
            raise RuntimeError("Physical devices cannot be modified any more")


@pytest.fixture
def config(monkeypatch):
    found = Config()
    monkeypatch.setattr(gpus, "tf", types.SimpleNamespace(config=found))
    choice = Choice((), memory_limit=1000)
    monkeypatch.setattr(gpus.gpusetter, "choose", lambda local: choice)
    return found


def test_memory_is_taken_as_it_is_needed(config):
    gpus.share_memory(LocalSettings(gpus=2))

    assert config.growth == {"a": True, "b": True}


@pytest.mark.parametrize("options", [{"logical_devices": 3}, {"memory_limit": 1000}])
def test_memory_is_divided_where_that_is_asked_for(config, options):
    local = LocalSettings(gpus=2, **options)

    gpus.share_memory(local)

    assert config.parts == {card: local.logical_devices * [1000] for card in "ab"}
    assert not config.growth


@pytest.mark.parametrize("options", [{}, {"logical_devices": 3}])
def test_memory_may_be_shared_as_before(config, options):
    local = LocalSettings(gpus=1, **options)
    gpus.share_memory(local)
    config.started = True

    gpus.share_memory(local)


def test_memory_cannot_be_divided_late(config):
    config.started = True

    with pytest.raises(DeviceError, match="must be set before TensorFlow"):
        gpus.share_memory(LocalSettings(gpus=1))
