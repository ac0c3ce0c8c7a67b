import numpy as np
import pytest


@pytest.fixture(scope="module")
def modules():
    pytest.importorskip("acts")
    from trackdnn.simulation.modules import read_modules

    return read_modules()


def test_modules_are_those_of_trackml(modules):
    volume, counts = np.unique(modules.volume, return_counts=True)

    assert len(modules) == 18_728
    assert dict(zip(volume.tolist(), counts.tolist(), strict=True)) == {
        **{7: 756, 8: 2492, 9: 756},
        **{12: 1020, 13: 5796, 14: 1020},
        **{16: 588, 17: 5712, 18: 588},
    }


def test_modules_have_right_angles(modules):
    product = np.einsum("nij,nik->njk", modules.rotation, modules.rotation)

    np.testing.assert_allclose(product, np.broadcast_to(np.eye(3), product.shape))
    np.testing.assert_allclose(np.linalg.det(modules.rotation), 1.0)


def test_modules_of_the_innermost_barrel_stand_around_the_beam(modules):
    inner = (modules.volume == 8) & (modules.layer == 2)

    radius = np.hypot(modules.center[inner, 0], modules.center[inner, 1])

    assert inner.sum() == 224
    np.testing.assert_allclose(radius, 32.0, atol=1.0)


def test_channels_cover_the_module(modules):
    covered = modules.channels * modules.pitch

    np.testing.assert_allclose(covered, 2 * modules.half_size, rtol=1e-9)


def test_rows_find_the_identifiers(modules):
    some = np.array([5000, 0, 18_727])

    np.testing.assert_array_equal(modules.rows(modules.identifier[some]), some)


def test_table_reads_back_as_detectors(modules, tmp_path):
    from trackdnn.events.detectors import read_detectors
    from trackdnn.events.writer import write_columns

    path = tmp_path / "detectors.csv.gz"
    write_columns(path, modules.table())

    found = read_detectors(path)
    np.testing.assert_array_equal(found.rotation, modules.rotation)
    np.testing.assert_array_equal(found.half_thickness, modules.half_thickness)
    np.testing.assert_array_equal(found.pitch_v, modules.pitch[:, 1])
    np.testing.assert_array_equal(found.module, modules.module)


def test_global_positions_turn_back_into_local_ones(toy_modules):
    row = np.array([0, 1, 2, 0])
    u, v = np.array([1.0, -2, 3, 0]), np.array([4.0, 5, -6, 0])

    position = toy_modules.to_global(row, u, v)
    local = toy_modules.to_local(row, position - toy_modules.center[row])

    np.testing.assert_allclose(local, np.stack([u, v, 0 * u], axis=1), atol=1e-12)
    np.testing.assert_allclose(position[0], [32.0, 1, 4])


def test_depth_is_half_of_the_thickness_in_barrels(toy_modules):
    np.testing.assert_allclose(toy_modules.depth, [0.15, 0.25, 0.5])
