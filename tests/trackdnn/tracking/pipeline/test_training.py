import dataclasses

import numpy as np
import pytest

from tests.trackdnn.graphs.edge_filter.windows import Kept, Windows
from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.pipeline.trained import SMALL, toy_sources, trained
from trackdnn.errors import BadFileError, InputError, OutputError, SettingsError
from trackdnn.events.event import without_truth
from trackdnn.graphs.saving import save_constructor
from trackdnn.settings.finding import (
    FindingSettings,
    JoiningSettings,
    PartialSettings,
    SelectionSettings,
)
from trackdnn.tracking.pipeline import training
from trackdnn.tracking.pipeline.asking import with_builder
from trackdnn.tracking.pipeline.finder import STAGES
from trackdnn.tracking.pipeline.folder import load_finder, read_description
from trackdnn.tracking.pipeline.plan import make_plan
from trackdnn.tracking.pipeline.training import train_finder
from trackdnn.tracking.selection import fitting

pytestmark = pytest.mark.usefixtures("windows")
BARE = SMALL.model_copy(
    update={"filter": SMALL.filter.model_copy(update={"enabled": False})}
)


def contents(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_training_leaves_a_folder_and_nothing_else(tmp_path, finder_master):
    trained(tmp_path / "toy")

    assert [path.name for path in tmp_path.iterdir()] == ["toy"]
    # The same events and seed give the same finder, byte for byte.
    assert contents(tmp_path / "toy") == contents(finder_master)


def test_training_chooses_the_best_cuts(finder_master):
    content = read_description(finder_master)

    best = max(content["tuning"], key=lambda one: one["merit"])
    chosen = content["settings"]["walkthrough"]
    assert (chosen["cut"], chosen["add"]) == (best["cut"], best["add"])
    assert len(content["tuning"]) == 20


def test_training_without_validation_keeps_the_cuts(tmp_path):
    content = trained(tmp_path / "toy", BARE, number=1, validation=0.0)

    assert content["settings"]["walkthrough"] == BARE.walkthrough.model_dump()
    assert content["tuning"] == []
    assert load_finder(tmp_path / "toy").filter is None


def test_training_goes_on_after_an_interruption(tmp_path, finder_master, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training, "tune", interrupt)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "toy")
    assert [path.name for path in tmp_path.iterdir()] == ["toy.unfinished"]
    monkeypatch.setattr(Windows, "train", interrupt)
    said = []

    trained(tmp_path / "toy", say=said.extend)

    assert "going on with" in said[0]
    assert contents(tmp_path / "toy") == contents(finder_master)


def test_training_does_a_half_written_stage_again(tmp_path, finder_master, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(training, "tune", None)
        with pytest.raises(TypeError):
            trained(tmp_path / "toy")
    work = tmp_path / "toy.unfinished"
    (work / "filter" / "filter.json").unlink()
    (work / "filter" / "first.onnx").write_bytes(b"half")
    (work / "constructor" / "constructor.json").unlink()

    trained(tmp_path / "toy")

    assert contents(tmp_path / "toy") == contents(finder_master)


def test_training_takes_a_constructor(tmp_path, monkeypatch):
    save_constructor(
        tmp_path / "given", "neighbours", SMALL.neighbours, Windows(dphi=0.125)
    )
    monkeypatch.setattr(Windows, "train", None)

    trained(tmp_path / "toy", BARE, constructor=tmp_path / "given")

    assert load_finder(tmp_path / "toy").constructor.dphi == 0.125


def test_training_needs_a_new_folder(tmp_path):
    with pytest.raises(OutputError, match="must be new"):
        trained(tmp_path)


def test_training_needs_truth(tmp_path):
    sources = [Kept(without_truth(toy_event(5)))] * 2
    plan = make_plan(SMALL, sources, seed=1, validation=0.0)

    with pytest.raises(InputError, match="event000000001 must have truth to learn"):
        train_finder(plan, tmp_path / "toy")


def test_training_never_sees_events_of_validation(tmp_path, monkeypatch):
    seen = []

    @dataclasses.dataclass(frozen=True)
    class Watched(Kept):
        def load(self):
            seen.append(self.name)
            return self.event

    sources = [Watched(one.event) for one in toy_sources(4)]
    plan = make_plan(SMALL, sources, seed=1, validation=0.25)
    monkeypatch.setattr(training, "tune", None)

    with pytest.raises(TypeError):
        train_finder(plan, tmp_path / "toy")

    assert set(seen) == {source.name for source in plan.training}


def test_training_starts_with_parts_of_another_finder(tmp_path, finder_master):
    content = trained(tmp_path / "toy", BARE, start=finder_master)

    assert content["start"] == finder_master.name
    assert content["files"].keys() == read_description(finder_master)["files"].keys()
    mine, given = contents(tmp_path / "toy"), contents(finder_master)
    for name in content["files"]:
        assert mine[name] == given[name]


# Without a filter toy events have fakes, too.
SELECTING = BARE.model_copy(
    update={"selection": SelectionSettings(enabled=True, trees=10)}
)


def test_training_of_a_selection_serves_finding(tmp_path):
    trained(tmp_path / "toy", SELECTING)

    finder = load_finder(tmp_path / "toy", threads=1)
    event = toy_event(40, noise=40, seed=50)
    selected = finder.find(event)

    graph, tracks = finder.built(event)
    score = finder.selection.score(event, graph, tracks)
    kept = tracks.take(score > finder.settings.selection.cut)
    np.testing.assert_array_equal(selected.tracks.hits, kept.hits)
    loose = with_builder(finder, ["finding.selection.enabled=false"]).find(event)
    assert len(loose.tracks) == len(tracks)
    (tmp_path / "toy" / "selection" / "tracks.onnx").write_bytes(b"none")
    with pytest.raises(BadFileError, match=r"tracks\.onnx.*must have the SHA-256"):
        load_finder(tmp_path / "toy")


def test_training_takes_a_selection_that_is_done(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(training, "tune", None)
        with pytest.raises(TypeError):
            trained(tmp_path / "toy", SELECTING)
    done = (tmp_path / "toy.unfinished" / "selection" / "tracks.onnx").read_bytes()
    monkeypatch.setattr(fitting, "fit_selection", None)

    trained(tmp_path / "toy", SELECTING)

    assert (tmp_path / "toy" / "selection" / "tracks.onnx").read_bytes() == done


def test_training_of_a_joining_serves_finding(tmp_path):
    # A filter that takes edges breaks tracks.
    settings = SMALL.model_copy(
        update={
            "filter": SMALL.filter.model_copy(update={"cut": 0.6}),
            "joining": JoiningSettings(enabled=True, trees=5, eta=1.0, phi=2.0),
        }
    )
    trained(tmp_path / "toy", settings)

    finder = load_finder(tmp_path / "toy", threads=1)
    event = toy_event(40, noise=40, seed=50)

    found = finder.find(event).tracks
    apart = with_builder(finder, ["finding.joining.enabled=false"])
    graph, pieces = apart.built(event)
    expected = finder.joining.join(event, graph, pieces, finder.settings.joining)
    np.testing.assert_array_equal(found.hits, expected.hits)
    (tmp_path / "toy" / "joining" / "pairs.onnx").unlink()
    with pytest.raises(BadFileError, match=r"must have the file .*pairs\.onnx"):
        load_finder(tmp_path / "toy")


def test_finder_without_a_selection_cannot_select(finder_master):
    finder = load_finder(finder_master, threads=1)
    asked = with_builder(finder, ["finding.selection.enabled=true"])

    with pytest.raises(SettingsError, match="must be on in the training"):
        asked.find(toy_event(10))


def test_training_sees_some_events_in_part(tmp_path, monkeypatch):
    seen = []

    def fit(settings, events, find, **options):
        seen.extend(len(event) for event in events)
        raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "fit_selection", fit)
    settings = SELECTING.model_copy(
        update={"partial": PartialSettings(share=0.5, region="pixel")}
    )
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "toy", settings, number=8, validation=0.0)

    # A particle has ten hits, four of them in the pixel barrel.
    assert 2 <= sum(number < 25 * 7 for number in seen) <= 6
    assert len(seen) == 8


@pytest.mark.slow
def test_training_of_a_network_serves_finding(tmp_path):
    network = {
        "enabled": True,
        "options": {"width": 8, "steps": 1},
        "stages": [{"epochs": 4, "learning_rate": 0.02, "early_stopping": None}],
    }
    masks = {"enabled": True, "width": 8, "micrographs": 16}
    settings = FindingSettings.model_validate(
        {**SMALL.model_dump(), "network": network, "masks": masks, "builder": "pivots"}
    )

    content = trained(tmp_path / "toy", settings, number=8)

    finder = load_finder(tmp_path / "toy")
    event = without_truth(toy_event(25, noise=8, seed=70))
    found = finder.find(event)
    assert finder.masks is not None
    assert content["tuning"]
    assert {"network/edges.onnx", "network/masks.onnx"} <= set(content["files"])
    assert set(found.seconds) == set(STAGES)
    assert len(found.tracks) > 5
