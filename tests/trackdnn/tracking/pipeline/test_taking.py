import shutil

import numpy as np
import pytest

from tests.trackdnn.graphs.edge_filter.windows import Windows
from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.pipeline.trained import SMALL
from trackdnn.errors import BadFileError, InputError
from trackdnn.events.event import without_truth
from trackdnn.graphs.constructor import constructor_class
from trackdnn.graphs.saving import load_constructor, save_constructor
from trackdnn.settings.finding import FindingSettings
from trackdnn.tracking.pipeline.taking import (
    check_kind,
    identity,
    take_constructor,
    take_part,
    with_parts_of,
)

pytestmark = pytest.mark.usefixtures("windows")


@pytest.fixture
def given(tmp_path):
    block = SMALL.neighbours
    save_constructor(tmp_path / "given", "neighbours", block, Windows(dphi=0.5))
    return tmp_path / "given"


def test_taking_copies_a_constructor(given, tmp_path):
    take_constructor(given, SMALL, tmp_path / "to")

    assert identity(tmp_path / "to") == identity(given)
    assert load_constructor(tmp_path / "to")[1].dphi == 0.5


def test_taking_reads_what_a_constructor_writes_by_itself(tmp_path):
    settings = FindingSettings.model_validate(
        {"constructor": "voxel_dynamics", "voxel_dynamics": {"cells": 32}}
    )
    events = [toy_event(40, seed=seed) for seed in range(2)]
    made = constructor_class("voxel_dynamics").train(
        settings.voxel_dynamics, events, seed=1, progress=False
    )
    (tmp_path / "given").mkdir()
    made.save(tmp_path / "given")

    take_constructor(tmp_path / "given", settings, tmp_path / "to")

    kind, taken = load_constructor(tmp_path / "to")
    event = without_truth(toy_event(30, seed=7))
    assert kind == "voxel_dynamics"
    np.testing.assert_array_equal(taken.build(event).edges, made.build(event).edges)


def test_taking_refuses_another_kind(given):
    settings = SMALL.model_copy(update={"constructor": "module_map"})

    with pytest.raises(InputError, match=r"--set finding\.constructor=neighbours"):
        check_kind(given, settings)


def test_taking_refuses_a_folder_without_a_constructor(tmp_path):
    settings = SMALL.model_copy(update={"constructor": "voxel_dynamics"})

    with pytest.raises(BadFileError):
        check_kind(tmp_path, settings)


def test_identity_changes_with_the_content(given):
    before = identity(given)
    (given / "windows.json").write_text("[]")

    assert (
        before.keys()
        == identity(given).keys()
        == {
            "constructor.json",
            "windows.json",
        }
    )
    assert before != identity(given)
    assert identity(None) == {}


def test_taking_a_part_checks_its_files(finder_master, tmp_path):
    take_part(finder_master, "filter", tmp_path / "filter")

    assert identity(tmp_path / "filter") == identity(finder_master / "filter")
    broken = tmp_path / "broken"
    shutil.copytree(finder_master, broken)
    next((broken / "filter").glob("*.onnx")).write_bytes(b"broken")
    with pytest.raises(BadFileError, match="must have the SHA-256"):
        take_part(broken, "filter", tmp_path / "other")


def test_taking_parts_takes_their_settings(finder_master):
    own = FindingSettings.model_validate({"builder": "components"})

    found = with_parts_of(finder_master, own)

    assert found.constructor == SMALL.constructor
    assert found.filter == SMALL.filter
    assert found.builder == "components"


def test_taking_parts_of_no_finder_is_told(tmp_path):
    with pytest.raises(BadFileError, match="must be the folder of a finder"):
        with_parts_of(tmp_path, SMALL)
