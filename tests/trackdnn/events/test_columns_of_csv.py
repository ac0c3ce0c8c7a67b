"""What the readers say of files that are malformed is in test_malformed_events.py."""

import gzip

import numpy as np
import pytest

from trackdnn.errors import BadFileError
from trackdnn.events.columns_of_csv import Table, column_names, read_table


@pytest.fixture
def file(tmp_path):
    """Writes a text and gives its path."""

    def write(text, name="file.csv"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
        return path

    return write


@pytest.mark.parametrize("name", ["file.csv", "file.csv.gz"])
def test_columns_have_the_asked_type_and_order(file, name):
    path = file(b"c,a,b\n3,1,0.5\n4,2,1e-3\n", name)

    table = read_table(path, {"a": "int64", "b": "float32", "c": "int32"})

    assert [array.dtype for array in table.columns.values()] == ["i8", "f4", "i4"]
    assert (table["a"].tolist(), table["c"].tolist()) == ([1, 2], [3, 4])
    np.testing.assert_array_equal(table["b"], np.array([0.5, 1e-3], dtype="f4"))


def test_ids_of_63_bits_are_exact(file):
    ids = [2**63 - 1, 2**53 + 1, 4503668346847233]

    table = read_table(file(b"a\n%d\n%d\n%d\n" % tuple(ids)), {"a": "int64"})

    assert table["a"].tolist() == ids


def test_unsigned_ids_of_64_bits_are_exact(file):
    table = read_table(file(b"a\n%d\n" % (2**64 - 1)), {"a": "uint64"})

    assert table["a"].tolist() == [2**64 - 1]


def test_unnamed_and_repeated_columns_are_allowed_where_not_read(file):
    path = file(b",x,a,x\n0,1,2,3\n")

    assert column_names(path) == ["", "x", "a", "x"]
    assert read_table(path, {"a": "int64"})["a"].tolist() == [2]


@pytest.mark.parametrize("text", [b"a,b", b"a,b\n", b"a,b\r\n\r\n"])
def test_header_alone_gives_empty_columns(file, text):
    table = read_table(file(text), {"a": "int64", "b": "float32"})

    assert len(table) == 0
    assert (table["a"].dtype, table["b"].dtype) == ("i8", "f4")


def test_line_of_a_bad_value_is_that_of_an_editor(file):
    rows = b"".join(b"%d,1\n" % i for i in range(300_000)) + b"x,1\n"

    with pytest.raises(BadFileError, match="Received: x in line 300002"):
        read_table(file(b"a,b\n" + rows), {"a": "int64"})


def test_bad_bytes_do_not_reach_the_terminal(file):
    with pytest.raises(BadFileError) as caught:
        read_table(file(b"a,b\n\x1b[31m\x07,1\n"), {"a": "int64"})

    assert str(caught.value).isprintable()


def test_header_of_endless_text_is_refused(file):
    with pytest.raises(BadFileError, match="must be text with columns"):
        read_table(file(b"a" * 200_000 + b"\n1\n"), {"a": "int64"})


def test_tabs_in_a_header_do_not_reach_the_terminal(file):
    with pytest.raises(BadFileError) as caught:
        read_table(file(b"a\tb,c\n1,2\n"), {"a": "int64"})

    assert str(caught.value).isprintable()


def test_missing_file_is_named(tmp_path):
    with pytest.raises(BadFileError, match=r"gone\.csv' must be a file.*No such file"):
        read_table(tmp_path / "gone.csv", {"a": "int64"})


def test_folder_is_no_file(tmp_path):
    with pytest.raises(BadFileError, match="Is a directory"):
        read_table(tmp_path, {"a": "int64"})


def _table(**columns):
    return Table("some.csv", {name: np.array(array) for name, array in columns.items()})


def test_require_names_the_first_bad_row_and_counts():
    table = _table(a=[1, -2, 3, -4])

    with pytest.raises(BadFileError, match=r"'a' of 'some.csv' must not be negative. "
                       r"Received: -2 in line 3 \(2 such rows\). Why."):  # fmt: skip
        table.require("a", table["a"] >= 0, "not be negative", "Why.")


def test_require_unique_names_the_second():
    _table(a=[1, 2, 3]).require_unique("a")

    with pytest.raises(BadFileError, match=r"each value once\. Received: 5 in line 4"):
        _table(a=[5, 1, 5]).require_unique("a")


def test_require_finite_looks_where_it_is_told():
    table = _table(a=[1.0, np.nan], b=[1.0, 2.0])

    table.require_finite("b")
    table.require_finite("a", where=np.array([True, False]))
    with pytest.raises(BadFileError, match=r"'a'.*nan in line 3"):
        table.require_finite("b", "a")


def test_require_within_names_line_and_value(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x\n1e6\nnan\n-2e6\n")
    table = read_table(path, {"x": "float32"})

    table.require_within(3e6, "x")
    table.require_within(1e6, "x", where=np.array([True, True, False]))
    with pytest.raises(
        BadFileError,
        match=r"'x' of .* must be from -1,000,000 to 1,000,000\. Received: -2e\+06 "
        "in line 4",
    ):
        table.require_within(1e6, "x")
