import pytest

from tests.trackdnn.tracking.display.events_with_tracks import every_kind
from trackdnn.errors import InputError, OutputError
from trackdnn.tracking.display.write import check_output, default_path, write_display


@pytest.fixture(scope="module")
def made():
    return every_kind()


@pytest.mark.parametrize(
    ("ending", "begin"), [("html", b"<!DOCTYPE"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
)
def test_display_is_what_its_ending_says(tmp_path, made, ending, begin):
    path = tmp_path / "new" / f"event.{ending}"

    assert write_display(*made, path, min_pt=0.5) == path

    assert path.read_bytes().startswith(begin)
    assert list(path.parent.iterdir()) == [path]


def test_display_needs_no_tracks(tmp_path, made):
    assert write_display(made[0], None, tmp_path / "event.html").is_file()


def test_display_of_another_ending_is_refused(tmp_path, made):
    with pytest.raises(InputError, match=r"end in \.html, \.png or \.pdf.*event\.svg"):
        write_display(*made, tmp_path / "event.svg")


@pytest.mark.parametrize("least", [-1.0, float("nan"), float("inf")])
def test_display_refuses_a_threshold_that_is_no_momentum(tmp_path, least):
    with pytest.raises(InputError, match=f"0 or more, in GeV. Received: {least}"):
        check_output(tmp_path / "event.html", least)


@pytest.mark.parametrize("ending", ["html", "png"])
def test_display_that_cannot_be_written_is_one_error(tmp_path, made, ending):
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match="must be writable"):
        write_display(*made, tmp_path / "file" / f"event.{ending}")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("event000000001", "event000000001.html"),
        ("../a b/<c>", "_a_b_c_.html"),
        ("..", "event.html"),
        ("x" * 500, "x" * 150 + ".html"),
    ],
)
def test_default_name_is_a_plain_file_here(name, expected):
    assert default_path(name).as_posix() == expected
