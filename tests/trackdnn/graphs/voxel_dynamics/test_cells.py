import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.voxel_dynamics.cells import Cells, place_cells, positions


@pytest.fixture(scope="module")
def hits():
    return toy_event(60, noise=40).hits


def make(hits, *, fold=True, cells=40, bins=16, iterations=3, seed=1):
    return place_cells(
        positions(hits, fold=fold),
        cells=cells,
        bins=bins if fold else 1,
        iterations=iterations,
        random=np.random.default_rng(seed),
    )


def slow_k_means(points, hits, iterations):
    """Each point to the mean of the hits that are nearest to it."""
    points = points.astype(float).tolist()
    for _ in range(iterations):
        groups = [[] for _ in points]
        for hit in hits.tolist():
            away = [
                sum((a - b) ** 2 for a, b in zip(hit, p, strict=True)) for p in points
            ]
            groups[away.index(min(away))].append(hit)
        points = [
            np.mean(group, axis=0).tolist() if group else point
            for point, group in zip(points, groups, strict=True)
        ]
    return np.array(points)


@pytest.mark.parametrize("fold", [True, False])
def test_cells_equal_those_of_a_slow_k_means(hits, fold):
    start = make(hits, fold=fold, iterations=0).points[:20]
    half = positions(hits, fold=fold)
    half[:, -1] = np.abs(half[:, -1])

    found = make(hits, fold=fold, iterations=3).points

    expected = slow_k_means(start, half, 3)
    np.testing.assert_allclose(found[:20], expected, rtol=1e-5)


def test_cells_start_at_hits_and_follow_from_the_seed(hits):
    first, again, other = (make(hits, iterations=0, seed=seed) for seed in (1, 1, 2))

    there = {tuple(row) for row in np.abs(positions(hits, fold=True)).tolist()}
    assert {tuple(row) for row in first.points[:20].tolist()} <= there
    np.testing.assert_array_equal(first.points, again.points)
    assert not np.array_equal(first.points, other.points)


@pytest.mark.parametrize("fold", [True, False])
def test_cell_of_a_hit_has_the_nearest_point(hits, fold):
    cells = make(hits, fold=fold)

    cell, phi_bin = cells.of(hits)

    away = cells.points[None] - positions(hits, fold=fold)[:, None]
    nearest = (away.astype(float) ** 2).sum(axis=-1).argmin(axis=1)
    np.testing.assert_array_equal(cell, nearest)
    turn = (np.arctan2(hits.y, hits.x) + np.pi) / (2 * np.pi)
    np.testing.assert_array_equal(phi_bin, np.floor(turn * 16) if fold else 0 * turn)
    assert cell.dtype == phi_bin.dtype == np.int32


def test_phi_of_pi_is_in_the_first_bin(hits):
    x, y = np.full(2, -1.0, "f4"), np.array([0.0, -1e-30], "f4")
    two = type(hits)(**{**vars(hits.take(np.arange(2))), "x": x, "y": y})

    _, phi_bin = make(hits).of(two)

    assert phi_bin.tolist() == [0, 0]


@pytest.mark.parametrize("fold", [True, False])
def test_mirror_image_of_a_hit_is_in_the_mirror_image_of_its_cell(hits, fold):
    cells = make(hits, fold=fold)

    cell, _ = cells.of(hits)
    mirrored, _ = cells.of(type(hits)(**{**vars(hits), "z": -hits.z}))

    np.testing.assert_array_equal(mirrored, cells.mirrored[cell])
    np.testing.assert_array_equal(cells.mirrored[cells.mirrored], np.arange(40))


def test_neighbours_are_the_nearest_other_cells(hits):
    cells = make(hits)

    found = cells.neighbours(3)

    away = ((cells.points[None] - cells.points[:, None]) ** 2).sum(axis=-1)
    expected = np.argsort(away + np.diag(np.full(40, -1.0)), axis=1)[:, 1:4]
    np.testing.assert_array_equal(np.sort(found), np.sort(expected))


def test_neighbours_of_points_at_one_place_are_others():
    cells = Cells(points=np.zeros((4, 2), "f4"), bins=1)

    found = cells.neighbours(9)

    assert found.shape == (4, 3)
    assert not (found == np.arange(4)[:, None]).any()
    assert cells.neighbours(0).shape == (4, 0)


def test_cells_are_no_more_than_hits(hits):
    few = hits.take(np.arange(3))

    assert len(make(few)) == 6
    assert len(make(hits, cells=7)) == 8
