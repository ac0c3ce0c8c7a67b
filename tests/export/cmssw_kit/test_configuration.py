"""The Python of a kit, run against a stand-in for CMSSW's configuration language."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

STANDIN = Path(__file__).parent / "standin" / "python"
GRAPH = "RecoTracker/FinalTrackSelectors/data/TrackTfClassifier/net1.pb"
KNOWN = ("initialStep", "lowPtTripletStep", "pixelLessStep")


@pytest.fixture
def load(kit, tmp_path, monkeypatch):
    """A function from the name of a module of the kit, as CMSSW finds it."""
    # scram links `SUBSYSTEM/PACKAGE/python` as the package `SUBSYSTEM.PACKAGE`.
    (tmp_path / "TrackDnn").mkdir()
    (tmp_path / "TrackDnn/net1").symlink_to(kit / "src/TrackDnn/net1/python")
    before = set(sys.modules)
    for folder in (tmp_path, STANDIN):
        monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if name.split(".")[0] in ("FWCore", "RecoTracker", "TrackDnn"):
            del sys.modules[name]


@pytest.fixture
def cms(load):
    return load("FWCore.ParameterSet.Config")


@pytest.fixture
def process(cms, load):
    """Iterations of a reconstruction, as an era with `trackdnn` leaves them."""
    found = cms.Process("RECO")
    start = load("RecoTracker.FinalTrackSelectors.trackTfClassifier_cfi")
    for module in (*KNOWN, "tobTecStep", "muonSeededStepInOut"):
        label = "trackSelectionTfPLess" if module == "pixelLessStep" else "old"
        changes = {"mva": {"tfDnnLabel": label}, "qualityCuts": [0.25, 0.5, 0.75]}
        source = start.trackTfClassifier.clone(src=f"{module}Tracks", **changes)
        setattr(found, module, source)
    found.lowPtQuadStep = cms.EDProducer("TrackCutClassifier", src=cms.InputTag("a"))
    return found


@pytest.fixture
def customise(load):
    return load("TrackDnn.net1.customise").customise_net1


def state(module):
    return {
        name: value.value() if hasattr(value, "value") else state(value)
        for name, value in ((n, getattr(module, n)) for n in module.parameterNames_())
    }


def test_network_is_produced_under_its_label(load):
    network = load("TrackDnn.net1.network_cfi")

    assert network.net1.type_() == "TfGraphDefProducer"
    assert state(network.net1) == {"ComponentName": "net1", "FileName": GRAPH}
    assert type(network.net1.FileName).__name__ == "FileInPath"
    assert network.net1_source.type_() == "EmptyESSource"
    assert state(network.net1_source) == {
        "recordName": "TfGraphRecord",
        "firstValid": [1],
        "iovIsRunNotTime": True,
    }


def test_file_of_the_producer_is_in_the_kit(load, kit, source):
    path = load("TrackDnn.net1.network_cfi").net1.FileName.value()

    found = (kit / "src" / path).read_bytes()
    assert found == (source / "frozen_graph.pb").read_bytes()


def test_classifier_is_a_clone_that_asks_for_the_network(load):
    start = load("RecoTracker.FinalTrackSelectors.trackTfClassifier_cfi")
    before = state(start.trackTfClassifier)

    classifier = load("TrackDnn.net1.classifier_cfi").classifier

    mva = {"tfDnnLabel": "net1", "batchSize": 16}
    assert state(classifier) == {**before, "mva": mva}
    assert state(start.trackTfClassifier) == before


def test_cuts_are_those_of_the_bundle_bit_for_bit(load, cuts):
    found = state(load("TrackDnn.net1.quality_cuts").qualityCutDictionary)

    assert set(found) == {"InitialStep", "LowPtTripletStep", "PixelLessStep"}
    for module in KNOWN:
        written = np.float32(found[module[0].upper() + module[1:]])
        np.testing.assert_array_equal(written, np.float32(cuts[module]))


def test_known_iterations_get_network_and_cuts_and_nothing_else(
    process, customise, cuts
):
    before = {name: state(one) for name, one in process.producers_().items()}

    assert customise(process) is process

    for name, module in process.producers_().items():
        expected = before[name]
        if name in KNOWN:
            mva = {"tfDnnLabel": "net1", "batchSize": 16}
            expected = {**expected, "mva": mva, "qualityCuts": list(cuts[name])}
        assert state(module) == expected, name


def test_what_has_no_type_stays_alone(process, customise, cms):
    process.initialStep = cms.PSet()

    customise(process)

    assert process.initialStep.parameterNames_() == []
    assert process.pixelLessStep.mva.tfDnnLabel.value() == "net1"


def test_producer_and_source_come_along(process, customise):
    customise(process)

    (producer,) = process.es_producers_().values()
    assert state(producer) == {"ComponentName": "net1", "FileName": GRAPH}
    assert list(process.es_sources_()) == ["net1_source"]


def test_source_that_is_there_is_enough(process, customise, cms):
    process.other = cms.ESSource("EmptyESSource", recordName=cms.string("Other"))
    process.trackdnn_source = cms.ESSource(
        "EmptyESSource", recordName=cms.string("TfGraphRecord")
    )

    customise(process)

    assert list(process.es_sources_()) == ["other", "trackdnn_source"]


def test_what_changed_and_what_did_not_is_said(process, customise, capsys):
    customise(process)

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "network and cuts of net1: initialStep, lowPtTripletStep, pixelLessStep",
        "network and cuts as before: muonSeededStepInOut, tobTecStep",
    ]


def test_process_without_classifiers_stops(cms, customise):
    process = cms.Process("RECO")
    process.initialStep = cms.EDProducer("TrackMVAClassifierPrompt")

    with pytest.raises(RuntimeError, match="use an era with the process modifier"):
        customise(process)

    assert process.es_producers_() == {}


def test_customising_twice_stops(process, customise):
    customise(process)

    with pytest.raises(RuntimeError, match="net1 is already in the process"):
        customise(process)


def test_stand_in_is_strict(cms):
    module = cms.EDProducer("A", cuts=cms.vdouble(1.0), name=cms.string("b"))

    for wrong in (lambda: cms.string(1), lambda: cms.vdouble("1")):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(TypeError, match="must have a type of cms"):
        module.name = "plain"
    with pytest.raises(TypeError, match="cuts is vdouble"):
        module.cuts = cms.string("1.0")
