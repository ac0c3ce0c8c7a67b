import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import InputError
from trackdnn.events.event import without_truth
from trackdnn.graphs.voxel_dynamics import training
from trackdnn.graphs.voxel_dynamics.counts import added, count_event, no_counts
from trackdnn.settings.finding import VoxelDynamicsSettings

EVENTS = [toy_event(50, noise=10, seed=seed) for seed in range(6)]
SETTINGS = VoxelDynamicsSettings(cells=20, sample=30, bins=8)


def test_cells_take_as_many_events_as_they_need():
    looked_at = []

    def events():
        for event in EVENTS:
            looked_at.append(event)
            yield event

    cells, rest = training.first_cells(SETTINGS, events(), seed=1)

    assert len(cells) == 20
    assert len(looked_at) == 2
    assert list(rest) == EVENTS


@pytest.mark.parametrize("held", [1, 10**9])
def test_counts_are_those_of_each_event(monkeypatch, held):
    monkeypatch.setattr(training, "_LINKS", held)
    cells, _ = training.first_cells(SETTINGS, EVENTS, seed=1)

    found = training.count_events(iter(EVENTS), cells, "eom", progress=False)

    parts = [count_event(event, cells, "eom") for event in EVENTS]
    expected = added([no_counts(len(cells)), *parts])
    for name in ("links", "pairs", "hits", "events"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_event_without_truth_is_refused_by_name():
    with pytest.raises(InputError, match=r"Event event000000001 must have truth to"):
        training.first_cells(SETTINGS, [without_truth(EVENTS[0])], seed=1)
