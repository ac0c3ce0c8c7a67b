"""One small run of the real chain, shared by the tests that need ACTS."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest


@pytest.fixture(scope="session")
def acts_run():
    """Two events with 5 pile-up collisions, and what passed inside of the chain.

    Attributes: `events` (columns), `hits` (per event, per track), `containers` (per
    pass: measurements, holes and outliers that ACTS counts, and our candidates).
    """
    pytest.importorskip("acts")
    pytest.importorskip("pythia8mc")
    from trackdnn.simulation import chain, event
    from trackdnn.simulation.working_points import find_working_point

    seen = SimpleNamespace(hits=[], containers=[])
    read, collect = event.read_candidates, chain.collect

    def spy_on_tracks(tracks):
        found = read(tracks)
        counted = [np.array(tracks.nMeasurements, dtype=int)]
        counted.append(np.array(tracks.nHoles, dtype=int) + tracks.nOutliers)
        seen.containers.append((*counted, found))
        return found

    def spy_on_events(state):
        seen.hits.append(list(state.hits))
        return collect(state)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event, "read_candidates", spy_on_tracks)
        patch.setattr(chain, "collect", spy_on_events)
        made = chain.Chain("ttbar", 5.0, 3, find_working_point("default"))
        seen.events = made.simulate(first=10, count=2)
    seen.chain = made
    return seen
