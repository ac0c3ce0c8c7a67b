import math

import numpy as np
import pytest

from trackdnn.events.clusters import FEATURES, Cells, cluster_features, rows_by_id
from trackdnn.events.detectors import Detectors
from trackdnn.events.event import Hits


def make_hits(rng, count, modules):
    module = rng.integers(0, len(modules), count)
    place = rng.normal(size=(3, count)).astype("f4")
    return Hits(
        hit_id=rng.permutation(count) * 3 + 7,
        x=place[0],
        y=place[1],
        z=place[2],
        volume=modules.volume[module],
        layer=modules.layer[module],
        module=modules.module[module],
    )


def make_modules(rng, count):
    axes = [np.linalg.qr(rng.normal(size=(3, 3)))[0] for _ in range(count)]
    return Detectors(
        volume=np.full(count, 8, dtype="i4"),
        layer=np.full(count, 2, dtype="i4"),
        module=np.arange(1, count + 1, dtype="i4"),
        centre=np.zeros((count, 3)),
        rotation=np.array(axes).reshape(-1, 3, 3),
        half_thickness=rng.uniform(0.1, 0.4, count),
        reach=np.full(count, np.inf),
        pitch_u=rng.uniform(0.05, 0.1, count),
        pitch_v=rng.uniform(0.05, 10.0, count),
    )


def make_cells(rng, hits, most=6):
    owner = np.repeat(hits.hit_id, rng.integers(1, most, len(hits)))
    count = len(owner)
    return Cells(
        hit_id=owner,
        ch0=rng.integers(0, 300, count).astype("i4"),
        ch1=rng.integers(0, 900, count).astype("i4"),
        value=rng.random(count).astype("f4"),
    ).take(rng.permutation(count))


def slow_features(hits, cells, modules):
    """Hit by hit, as the table of the features reads."""
    table = []
    for row, name in enumerate(hits.hit_id):
        mine = [i for i, owner in enumerate(cells.hit_id) if owner == name]
        (module,) = (
            i
            for i in range(len(modules))
            if (modules.volume[i], modules.layer[i], modules.module[i])
            == (hits.volume[row], hits.layer[row], hits.module[row])
        )
        ch0, ch1 = [int(cells.ch0[i]) for i in mine], [int(cells.ch1[i]) for i in mine]
        lx = (max(ch0) - min(ch0) + 1) * modules.pitch_u[module]
        ly = (max(ch1) - min(ch1) + 1) * modules.pitch_v[module]
        lz = 2 * modules.half_thickness[module]
        gx, gy, gz = modules.rotation[module] @ np.array([lx, ly, lz])
        leta, lphi = slow_angles(lx, ly, lz)
        geta, gphi = slow_angles(gx, gy, gz)
        value = sum(float(cells.value[i]) for i in mine)
        table.append([len(mine), value, leta, lphi, lx, ly, lz, geta, gphi])
    return table


def slow_angles(x, y, z):
    theta = math.acos(z / math.sqrt(x**2 + y**2 + z**2))
    return -math.log(math.tan(theta / 2)), math.atan2(y, x)


@pytest.mark.parametrize("seed", range(5))
def test_features_agree_with_the_slow_twin(seed):
    rng = np.random.default_rng(seed)
    modules = make_modules(rng, 5)
    hits = make_hits(rng, 40, modules)
    cells = make_cells(rng, hits)

    features = cluster_features(hits, cells, modules)

    assert (features.shape, features.dtype) == ((40, len(FEATURES)), "f4")
    np.testing.assert_allclose(features, slow_features(hits, cells, modules), rtol=1e-5)


def test_features_do_not_depend_on_the_order_of_cells():
    rng = np.random.default_rng(1)
    modules = make_modules(rng, 3)
    hits = make_hits(rng, 20, modules)
    cells = make_cells(rng, hits)

    turned = cluster_features(hits, cells.take(np.arange(len(cells))[::-1]), modules)

    np.testing.assert_allclose(
        turned, cluster_features(hits, cells, modules), rtol=1e-6
    )


def test_features_of_no_hits():
    rng = np.random.default_rng(1)
    modules = make_modules(rng, 2)
    hits = make_hits(rng, 0, modules)

    features = cluster_features(hits, make_cells(rng, hits), modules)

    assert features.shape == (0, 9)


def test_direction_along_the_beam_is_finite():
    rng = np.random.default_rng(1)
    modules = make_modules(rng, 1)
    length = np.array([modules.pitch_u[0], modules.pitch_v[0], 0.0])
    length[2] = 2 * modules.half_thickness[0]
    # A rotation that takes the direction to the z axis.
    axis = length / np.linalg.norm(length)
    first = np.cross(axis, [1.0, 0.0, 0.0])
    first /= np.linalg.norm(first)
    modules.rotation[0] = np.stack([first, np.cross(axis, first), axis])
    hits = make_hits(rng, 1, modules)
    one = np.array([3], dtype="i4")
    cells = Cells(hit_id=hits.hit_id, ch0=one, ch1=one, value=one.astype("f4"))

    features = cluster_features(hits, cells, modules)

    assert np.isfinite(features).all()
    assert features[0, FEATURES.index("geta")] > 15


@pytest.mark.parametrize("wrong", ["no cells", "strange cell", "strange module"])
def test_events_that_do_not_fit_are_refused(wrong):
    rng = np.random.default_rng(1)
    modules = make_modules(rng, 3)
    hits = make_hits(rng, 10, modules)
    cells = make_cells(rng, hits)
    if wrong == "no cells":
        cells = cells.take(cells.hit_id != hits.hit_id[4])
    elif wrong == "strange cell":
        cells.hit_id[3] = -1
    else:
        hits.module[2] = 99

    with pytest.raises(ValueError, match="Every hit must have a known module"):
        cluster_features(hits, cells, modules)


def test_rows_by_id_finds_each():
    ids = np.array([30, 10, 20])

    assert rows_by_id(ids, np.array([10, 20, 30, 5, 99])).tolist() == [1, 2, 0, -1, -1]
    assert rows_by_id(ids[:0], np.array([10])).tolist() == [-1]
    assert rows_by_id(ids, ids[:0]).tolist() == []
