"""Regions of hits, and the mirror image of an event."""

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.events.event import Hits
from trackdnn.events.layers import LAYERS, layer_index
from trackdnn.graphs.module_map.regions import NOWHERE, mirrored, places_of
from trackdnn.settings.finding import ModuleMapSettings

SETTINGS = ModuleMapSettings(z_bin=50.0, r_bin=20.0)


def hits_at(rows):
    """Hits of (volume, layer, module, x, y, z)."""
    volume, layer, module, x, y, z = np.array(rows, dtype=float).T
    return Hits(
        hit_id=np.arange(len(rows)),
        x=x.astype("f4"),
        y=y.astype("f4"),
        z=z.astype("f4"),
        volume=volume.astype("i4"),
        layer=layer.astype("i4"),
        module=module.astype("i4"),
    )


def test_barrels_have_bins_of_z_and_endcaps_of_r():
    barrel = [(8, 2, 1, 30, 0, z) for z in (-51, -49, -1, 1, 49, 51)]
    endcap = [(9, 2, 1, r, 0, 600) for r in (39, 41, 59, 61)]
    region = places_of(hits_at(barrel + endcap), SETTINGS).region

    assert np.diff(region[:6]).tolist() == [1, 0, 1, 0, 1]
    assert np.diff(region[6:]).tolist() == [1, 0, 1]
    assert region[6] - region[0] > 1000


def test_regions_do_not_know_azimuth_or_module():
    rows = [(13, 4, m, 300 * np.cos(m), 300 * np.sin(m), 10) for m in range(6)]

    assert len(set(places_of(hits_at(rows), SETTINGS).region)) == 1


def test_regions_of_modules():
    settings = ModuleMapSettings(regions="modules")
    rows = [(8, 2, 1, 30, 0, 0), (8, 2, 1, 30, 1, 9), (8, 2, 2, 30, 0, 0)]
    rows += [(8, 4, 1, 30, 0, 0), (8, 4, -5, 30, 0, 0), (8, 4, 10**6, 30, 0, 0)]
    region = places_of(hits_at(rows), settings).region

    assert region[0] == region[1]
    assert len(set(region[1:4])) == 3
    assert (region[4:] == NOWHERE).all()


def test_hits_of_another_detector_are_nowhere():
    rows = [(8, 3, 1, 30, 0, 0), (99, 2, 1, 30, 0, 0), (8, 2, 1, 30, 0, 1e9)]
    places = places_of(hits_at(rows), SETTINGS)

    assert (places.region == NOWHERE).all()
    assert (places.layer == NOWHERE).all()


def test_places_are_those_of_the_hits():
    event = toy_event(20)
    places = places_of(event.hits, SETTINGS)

    np.testing.assert_allclose(places.r, event.hits.r, rtol=1e-6)
    np.testing.assert_allclose(places.phi, event.hits.phi, atol=1e-6)
    np.testing.assert_array_equal(places.distance, event.hits.distance)
    np.testing.assert_array_equal(
        places.layer, layer_index(event.hits.volume, event.hits.layer)
    )


def test_mirror_turns_every_layer_into_another_of_its_kind():
    rows = [(volume, layer, 1, 100, 0, volume) for volume, layer in LAYERS]
    event = toy_event(1)
    image = mirrored(type(event)(name="all", hits=hits_at(rows)))
    layers = list(zip(image.hits.volume, image.hits.layer, strict=True))

    assert sorted(layers) == sorted(LAYERS)
    assert layers[LAYERS.index((7, 2))] == (9, 14)
    assert layers[LAYERS.index((14, 12))] == (12, 2)
    assert layers[LAYERS.index((16, 4))] == (18, 10)
    assert layers[LAYERS.index((13, 4))] == (13, 4)
    assert (image.hits.z == [-volume for volume, _ in LAYERS]).all()


@pytest.mark.parametrize("particles", [0, 30])
def test_mirror_of_the_mirror_is_the_event(particles):
    event = toy_event(particles)
    again = mirrored(mirrored(event))

    for name in ("x", "y", "z", "volume", "layer", "module"):
        np.testing.assert_array_equal(
            getattr(again.hits, name), getattr(event.hits, name)
        )
