from pathlib import Path

import pytest

from tests.trackdnn.graphs.edge_filter.windows import Kept
from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.pipeline.trained import SMALL
from trackdnn.errors import InputError, OutputError, SettingsError
from trackdnn.tracking.pipeline.asking import (
    FREE,
    check_file,
    check_folder,
    check_once,
    check_overrides,
    of_builder,
    with_builder,
)
from trackdnn.tracking.pipeline.finder import Finder
from trackdnn.tracking.pipeline.tuning import with_cuts


def placed(*path):
    """An event with a file."""
    return Kept(toy_event(1, name="event000000001"), (Path(*path),))


def test_an_event_of_the_same_files_is_refused(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    first = placed(tmp_path, "one.csv")

    for again in (first, placed(tmp_path, "link", "one.csv")):
        with pytest.raises(InputError, match=f"event000000001', of '{tmp_path}', twi"):
            check_once([first, again])


def test_equal_names_of_different_folders_are_not(tmp_path):
    check_once([placed(tmp_path, "a", "one.csv"), placed(tmp_path, "b", "one.csv")])


@pytest.mark.parametrize(
    "text",
    [
        "finding.view.noise=0",
        "finding.filter.trees=3",
        "finding={}",
        "finding.x=1",
        "finding.selection.trees=3",
        "finding.selection={}",
    ],
)
def test_overrides_of_what_was_learnt_are_refused(text):
    with pytest.raises(SettingsError, match=r"may change builder, .*; it is fixed"):
        check_overrides(["finding.builder=dbscan", text], FREE, "it is fixed")


def test_overrides_of_builders_and_of_other_branches_pass():
    check_overrides(
        [
            "finding.dbscan.radius=0.3",
            "finding.judgement.min_pt=1",
            "seed=3",
            "finding.selection.cut=0.2",
            "finding.selection.enabled=false",
        ],
        FREE,
        "",
    )


def test_a_builder_changes_and_what_was_chosen_stays():
    settings = with_cuts(SMALL, {"cut": 0.123})
    texts = ["seed=3", "finding.walkthrough.add=0.4", "finding.judgement.min_pt=1"]

    chosen = of_builder([*texts, "finding.dbscan.radius=0.7"])
    found = with_builder(Finder(settings, None, None), chosen).settings

    assert chosen == ("finding.walkthrough.add=0.4", "finding.dbscan.radius=0.7")
    assert (found.walkthrough.cut, found.walkthrough.add) == (0.123, 0.4)
    assert found.dbscan.radius == 0.7
    assert found.filter == settings.filter


def test_a_folder_that_can_be_made_is_not_made(tmp_path):
    check_folder(tmp_path / "a" / "b")
    check_folder(tmp_path)
    check_file(tmp_path / "a" / "page.html")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["file", "file/below", "loose", "n" * 300, "x/" + "n" * 300]
)
def test_a_folder_that_cannot_be_made_is_one_error(tmp_path, name):
    (tmp_path / "file").touch()
    (tmp_path / "loose").symlink_to(tmp_path / "nowhere")
    if name.startswith("x"):
        (tmp_path / "x").mkdir()

    with pytest.raises(OutputError, match="must be writable"):
        check_folder(tmp_path / name)


def test_a_folder_without_the_right_to_write_is_one_error():
    with pytest.raises(OutputError, match="must be writable"):
        check_folder(Path("/proc/tracks"))


def test_a_file_must_not_be_a_folder(tmp_path):
    (tmp_path / "page.html").mkdir()

    with pytest.raises(OutputError, match="Received: a folder"):
        check_file(tmp_path / "page.html")
