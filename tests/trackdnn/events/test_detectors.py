import numpy as np
import pytest

from benchmarks.small_events import ACTS_FILES, TRACKML_FILES
from trackdnn.errors import BadFileError
from trackdnn.events.detectors import read_detectors

TEXT = TRACKML_FILES["detectors.csv"]


@pytest.fixture
def table(tmp_path):
    """Writes a table of modules and gives its path."""

    def write(text=TEXT, name="detectors.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def _int(*values):
    return np.array(values, dtype="i4")


def test_modules_have_what_the_table_says(table):
    modules = read_detectors(table())

    assert modules.layer.tolist() == [2, 4]
    assert modules.centre.tolist() == [[32, 0, 0], [72, 0, 0]]
    assert (modules.pitch_u[0], modules.half_thickness[0]) == (0.05, 0.15)
    # Columns rot_xu, rot_xv, rot_xw are the first row: u along y, w along x.
    assert modules.rotation[0].tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    np.testing.assert_allclose(modules.reach, np.hypot(8.4, 36))


def test_rows_of_finds_modules_in_any_order_of_the_table(table):
    head, first, second = TEXT.strip().split("\n")
    modules = read_detectors(table("\n".join([head, second, first])))

    rows = modules.rows_of(_int(8, 8, 8), _int(4, 2, 4), _int(1, 1, 1))

    assert modules.centre[rows, 0].tolist() == [72, 32, 72]


def test_rows_of_strange_modules_are_minus_one(table):
    modules = read_detectors(table())

    volume, layer = _int(8, 9, 8, 8, 2**30, -1), _int(2, 2, 6, 2, 2, 2)
    rows = modules.rows_of(volume, layer, _int(1, 1, 1, 2, 1, 1))

    assert rows.tolist() == [0, -1, -1, -1, -1, -1]


def test_table_without_modules_knows_none(table):
    modules = read_detectors(table(TEXT.split("\n")[0] + "\n"))

    assert modules.rows_of(_int(8), _int(2), _int(1)).tolist() == [-1]


def test_table_without_sizes_has_no_bounds(table):
    text = TEXT.replace("module_hv", "other")

    assert np.isinf(read_detectors(table(text)).reach).all()


def test_table_of_acts_is_read_without_passive_surfaces(table):
    modules = read_detectors(table(ACTS_FILES["detectors.csv"]))

    assert modules.volume.tolist() == [8, 8]
    assert modules.pitch_u.tolist() == [-1, -1]


def test_pitch_is_only_unknown_to_acts(table):
    with pytest.raises(BadFileError, match=r"'pitch_u' of .* must be positive"):
        read_detectors(table(TEXT.replace("0.05,0.05625", "-1,-1")))


def test_table_that_changes_is_read_again(table):
    read_detectors(table())

    modules = read_detectors(table(TEXT.replace("0.05,", "0.0555,")))

    assert modules.pitch_u[0] == 0.0555


def test_missing_table_is_named(tmp_path):
    with pytest.raises(BadFileError, match=r"none\.csv' must be a file"):
        read_detectors(tmp_path / "none.csv")
