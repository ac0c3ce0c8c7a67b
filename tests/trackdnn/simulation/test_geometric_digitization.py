import numpy as np
import pytest

from trackdnn.simulation import geometric_digitization
from trackdnn.simulation.geometric_digitization import (
    Crossings,
    digitize,
    is_seen,
    split,
)

# Drift by depth of the toy's barrel modules.
LORENTZ = 0.12


def slow_split(start, end, steps=200_001):
    """Share of a line in each cell, by walking along it."""
    shares = {}
    for place in (np.arange(steps) + 0.5) / steps:
        point = [a + (b - a) * place for a, b in zip(start, end, strict=True)]
        cell = tuple(int(np.floor(value)) for value in point)
        shares[cell] = shares.get(cell, 0.0) + 1 / steps
    return shares


@pytest.fixture
def no_blur(monkeypatch):
    monkeypatch.setattr(geometric_digitization, "CHARGE_BLUR", 0.0)


def crossing(modules, module, u, v, slope_u, slope_v):
    """One path through a module, by its local position and slopes."""
    local = np.array([slope_u, slope_v, 1.0])
    direction = modules.rotation[module] @ local / np.linalg.norm(local)
    row = np.array([module])
    return Crossings(
        module=row,
        position=modules.to_global(row, np.array([u]), np.array([v])),
        direction=direction[None],
    )


def test_split_agrees_with_its_slow_twin():
    random = np.random.default_rng(1)
    start, end = random.uniform(0, 6, (2, 12, 2))

    line, cell, share = split(start, end)

    for number in range(12):
        mine = line == number
        found = {
            tuple(one): part
            for one, part in zip(cell[mine].tolist(), share[mine], strict=True)
        }
        expected = slow_split(start[number], end[number], steps=20_001)
        assert {one for one in found if found[one] > 1e-3} <= set(expected)
        for one, part in expected.items():
            assert found[one] == pytest.approx(part, abs=2e-4)


def test_split_shares_add_up_and_cells_touch():
    random = np.random.default_rng(2)
    start, end = random.uniform(0, 300, (2, 500, 2))

    line, cell, share = split(start, end)

    np.testing.assert_allclose(np.bincount(line, share), 1.0)
    assert (np.diff(line) >= 0).all()
    same = np.diff(line) == 0
    assert (np.abs(np.diff(cell, axis=0))[same].sum(axis=1) == 1).all()


def test_split_leaves_lines_without_crossings_whole():
    start = np.array([[0.2, 0.3], [4.5, 0.5], [2.0, 3.0]])
    end = np.array([[0.8, 0.9], [4.5, 0.5], [2.5, 3.5]])

    line, cell, share = split(start, end)

    assert line.tolist() == [0, 1, 2]
    assert cell.tolist() == [[0, 0], [4, 0], [2, 3]]
    assert share.tolist() == [1.0, 1.0, 1.0]


def test_split_keeps_lines_along_borders_and_through_corners():
    line, cell, share = split(
        np.array([[1.0, 0.5], [0.5, 0.5]]), np.array([[1.0, 2.5], [2.5, 2.5]])
    )

    assert line.tolist() == [0, 0, 0, 1, 1, 1]
    assert cell.tolist() == [[1, 0], [1, 1], [1, 2], [0, 0], [1, 1], [2, 2]]
    np.testing.assert_allclose(share, [0.25, 0.5, 0.25] * 2)


def test_digitize_takes_no_crossings(toy_modules):
    none = Crossings(
        module=np.zeros(0, dtype=int),
        position=np.zeros((0, 3)),
        direction=np.zeros((0, 3)),
    )

    found = digitize(none, toy_modules, np.random.default_rng(0))

    assert len(found.u) == len(found.hit) == 0
    assert found.width().shape == (0, 2)


def test_digitize_gives_the_length_of_the_path_to_pixels(toy_modules, no_blur):
    path = crossing(toy_modules, 0, 1.0, 2.0, slope_u=0.3, slope_v=-2.0)

    found = digitize(path, toy_modules, np.random.default_rng(0))

    length = 0.15 * np.sqrt(1 + 0.3**2 + 2.0**2)
    assert found.value.sum() == pytest.approx(length)
    # A slope of 2 over a depth of 0.15 mm covers 0.3 mm: 5.3 pixels.
    assert found.width()[0, 1] in (6, 7)


def test_digitize_says_yes_or_no_for_strips(toy_modules):
    path = crossing(toy_modules, 1, 1.0, 2.0, slope_u=1.0, slope_v=0.0)

    found = digitize(path, toy_modules, np.random.default_rng(0))

    assert set(found.value.tolist()) == {1.0}


@pytest.mark.parametrize(
    ("module", "slope", "cells"), [(1, LORENTZ, 1), (2, 0.0, 1), (1, LORENTZ + 0.64, 3)]
)
def test_digitize_sees_the_lorentz_angle_in_barrels_only(
    toy_modules, module, slope, cells
):
    # Charge of the barrel's strips drifts by 0.03 mm, so its middle by 0.015 mm: it
    # comes to lie in the middle of a strip, 0.04 mm from the borders.
    shift = 0.015 if module == 1 else 0.0
    u = 0.04 - shift - toy_modules.half_size[module, 0] + 200 * 0.08

    found = digitize(
        crossing(toy_modules, module, u, 0.6, slope, 0.0),
        toy_modules,
        np.random.default_rng(0),
    )

    assert len(found.value) == cells
    assert found.u[0] == pytest.approx(u)


def test_digitize_finds_the_position_within_a_channel(toy_modules, no_blur):
    random = np.random.default_rng(3)
    for module in (0, 1, 2):
        pitch = toy_modules.pitch[module]
        for _ in range(50):
            u, v = random.uniform(-5, 5, 2)
            slopes = random.uniform(-0.5, 0.5, 2)
            path = crossing(toy_modules, module, u, v, *slopes)
            found = digitize(path, toy_modules, random)
            off = np.abs([found.u[0] - u, found.v[0] - v]) / pitch
            assert (off < 0.5 + 1e-9).all()


def test_digitize_stays_on_the_module(toy_modules):
    path = crossing(toy_modules, 0, 8.399, -35.999, slope_u=2.0, slope_v=5.0)

    found = digitize(path, toy_modules, np.random.default_rng(0))

    assert found.ch0.max() == toy_modules.channels[0, 0] - 1 == 335
    assert found.ch1.min() == 0


def test_digitize_blurs_the_charge(toy_modules):
    random = np.random.default_rng(4)
    path = crossing(toy_modules, 0, 0.025 + 0.009, 0.028, slope_u=LORENTZ, slope_v=0.0)
    length = 0.15 * np.sqrt(1 + LORENTZ**2)

    values = [digitize(path, toy_modules, random).value.sum() for _ in range(300)]

    assert np.mean(values) == pytest.approx(length, rel=0.03)
    assert np.std(values) == pytest.approx(0.1 * length, rel=0.25)


def test_paths_along_the_sensor_are_not_seen(toy_modules):
    steep = crossing(toy_modules, 0, 0.0, 0.0, slope_u=0.0, slope_v=9.9)
    flat = crossing(toy_modules, 0, 0.0, 0.0, slope_u=0.0, slope_v=10.1)

    assert is_seen(steep, toy_modules).all()
    assert not is_seen(flat, toy_modules).any()


def test_width_counts_from_the_first_to_the_last_channel(toy_modules):
    found = geometric_digitization.Clusters(
        u=np.zeros(2),
        v=np.zeros(2),
        hit=np.array([0, 0, 0, 1]),
        ch0=np.array([4, 5, 7, 9]),
        ch1=np.array([2, 2, 1, 3]),
        value=np.ones(4),
    )

    assert found.width().tolist() == [[4, 2], [1, 1]]
