import dataclasses

import numpy as np
import pytest

from tests.trackdnn.toy_events import RADII, toy_event
from trackdnn.tracking.display.outline import layer_of_hit, outline


@pytest.fixture(scope="module")
def hits():
    return toy_event(80, noise=50).hits


def test_outline_finds_the_cylinders_of_the_toy(hits):
    found = outline(hits)

    assert all(layer.barrel for layer in found)
    radii = [layer.r_low for layer in found]
    assert radii == pytest.approx(list(RADII.values()), abs=0.01)
    last = hits.r > 1000
    assert found[-1].z_low == pytest.approx(hits.z[last].min())
    assert found[-1].z_high == pytest.approx(hits.z[last].max())


def test_outline_finds_a_disc(hits):
    rng = np.random.default_rng(1)
    away = rng.uniform(30, 170, len(hits)).astype(np.float32)
    volume = np.full(len(hits), 7, dtype=np.int32)
    flat = dataclasses.replace(
        hits,
        volume=volume,
        layer=volume,
        x=away,
        y=np.zeros_like(away),
        z=np.full_like(away, -1500.0),
    )

    (disc,) = outline(flat)

    assert not disc.barrel
    assert (disc.z_low, disc.z_high) == (-1500.0, -1500.0)
    assert (disc.r_low, disc.r_high) == (away.min(), away.max())


def test_layers_of_hits_are_those_of_the_hits(hits):
    layers, row = layer_of_hit(hits)

    assert layers.tolist() == [list(key) for key in RADII]
    assert (layers[row, 0] == hits.volume).all()
    assert (layers[row, 1] == hits.layer).all()


def test_outline_needs_some_hits_at_known_places(hits):
    few = hits.take(np.arange(4))
    unknown = dataclasses.replace(hits, z=np.full_like(hits.z, np.nan))

    assert outline(few) == []
    assert outline(unknown) == []
    assert outline(hits.take(np.arange(0))) == []
    assert layer_of_hit(hits.take(np.arange(0)))[0].shape == (0, 2)
