from dataclasses import replace

import numpy as np
import pytest

from trackdnn.simulation.filtering import STAGES, Verdict
from trackdnn.simulation.working_points import WORKING_POINTS, Quality


def never(features, category):
    raise AssertionError("a network must not see an event without tracks")


@pytest.fixture
def filtered(acts_run):
    from trackdnn.simulation.filtered_chain import FilteredChain

    return lambda network: FilteredChain(acts_run.chain, network)


def test_events_without_tracks_never_reach_the_network(filtered, acts_run, monkeypatch):
    nothing = replace(WORKING_POINTS["default"], kept=Quality(min_pt=1e6))
    monkeypatch.setattr(acts_run.chain, "_working_point", nothing)

    (event,) = filtered(never).simulate(first=10, count=1)

    assert [event.stages[stage].tracks for stage in STAGES] == [0, 0, 0, 0]
    assert len(event.verdict.probability) == len(event.category) == 0
    assert event.wanted > 0


def test_filtered_chain_gives_its_network_raw_inputs(filtered, acts_run):
    seen = []

    def remember(features, category):
        seen.append((features, category))
        return Verdict(np.ones(len(category), np.float32), category == 4)

    filtered(remember).simulate(first=11, count=1)

    ((features, category),) = seen
    event = acts_run.events[1]
    np.testing.assert_array_equal(features[:, 0], event["trk_pt"].astype(np.float32))
    np.testing.assert_array_equal(category, event["trk_originalAlgo"])
