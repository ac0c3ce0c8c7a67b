"""Settings to the three parts."""

from __future__ import annotations

import pytest

from trackdnn.data.dataset import load_dataset
from trackdnn.errors import NoTracksError
from trackdnn.settings import Settings


def settings_for(train, test=None, **split):
    data = {"samples": [{"files": [str(train)]}]}
    if test is not None:
        data["test_samples"] = [{"files": [str(test)]}]
    if split:
        data["split"] = split
    return Settings.model_validate({"data": data})


def test_load_dataset_splits_by_event(ntuple_factory):
    path = ntuple_factory(events=200, tracks_per_event=5)

    dataset = load_dataset(settings_for(path), progress=False)

    parts = (dataset.train, dataset.validation, dataset.test)
    events = [set(part.event.tolist()) for part in parts]
    assert sum(len(part) for part in parts) == dataset.report.tracks
    assert len(set.union(*events)) == sum(len(part) for part in events)
    assert dataset.test_report is None


def test_load_dataset_takes_test_files_whole(ntuple_factory):
    train = ntuple_factory("train.root", events=100)
    test = ntuple_factory("test.root", counts=(9,), seed=2)

    dataset = load_dataset(settings_for(train, test), progress=False)

    assert len(dataset.test) == dataset.test_report.tracks == 9
    assert len(dataset.train) + len(dataset.validation) == dataset.report.tracks


def test_load_dataset_without_a_test_part(ntuple_factory):
    path = ntuple_factory(events=100)

    dataset = load_dataset(
        settings_for(path, test=None, validation=0.2), progress=False
    )
    without = settings_for(path).model_dump()
    without["data"]["split"] = {"validation": 0.2, "test": 0.0}
    none = load_dataset(Settings.model_validate(without), progress=False)

    assert dataset.test is not None
    assert none.test is None


def test_load_dataset_of_too_few_events_says_so(ntuple_factory):
    path = ntuple_factory(counts=(50, 50))

    with pytest.raises(NoTracksError, match="of 2 events with tracks"):
        load_dataset(settings_for(path), progress=False)
