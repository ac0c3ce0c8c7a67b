import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from trackdnn.errors import MissingExtraError, SettingsError
from trackdnn.simulation import filtered_production
from trackdnn.simulation.filtered_production import FilteredBlock, filter_tracks
from trackdnn.simulation.filtering import STAGES, FilteredEvent, Seconds, Verdict
from trackdnn.simulation.stages import Counts


@dataclass(frozen=True)
class KeepInitialStep:
    """A network that needs no file: tracks of the first pass go on."""

    def __call__(self):
        return lambda features, category: Verdict(
            np.ones(len(category), np.float32), category == 4
        )


def event(algos, kept, counts, seconds):
    return FilteredEvent(
        stages=dict.fromkeys(STAGES, counts),
        wanted=5,
        category=np.array(algos, dtype=np.int32),
        verdict=Verdict(np.ones(len(algos), np.float32), np.array(kept, dtype=bool)),
        seconds=seconds,
    )


def test_filter_tracks_sums_events_over_blocks(monkeypatch):
    one = event([4, 4, 9], [1, 0, 1], Counts(tracks=3, true=2), Seconds(1.0, 2.0, 3.0))
    two = event([4], [1], Counts(tracks=1, true=1), Seconds(2.0, 2.0, 0.0))
    empty = event([], [], Counts(), Seconds())
    blocks = [FilteredBlock([one, two], 1.5), FilteredBlock([empty], 0.5)]
    monkeypatch.setattr(filtered_production, "make_blocks", lambda *_: iter(blocks))
    monkeypatch.setattr(filtered_production, "check_packages", lambda: None)

    made = filter_tracks(KeepInitialStep(), events=3, mu=1.0)

    assert made.stages == dict.fromkeys(STAGES, Counts(tracks=4, true=3))
    assert made.iterations == {4: (3, 2), 9: (1, 1)}
    assert (made.events, made.empty, made.wanted) == (3, 1, 15)
    assert made.per_event == Seconds(1.0, 4 / 3, 1.0)
    assert made.cpu_seconds == 2.0


def test_filter_tracks_runs_in_workers_on_the_events_of_the_file(acts_run):
    made = filter_tracks(KeepInitialStep(), events=1, mu=5, seed=3)
    (event,) = acts_run.chain.simulate(first=0, count=1)

    first, is_true = event["trk_originalAlgo"] == 4, event["trk_isTrue"]
    found, kept = made.stages["found"], made.stages["network"]
    assert (found.tracks, found.true) == (len(first), is_true.sum())
    assert (kept.tracks, kept.true) == (first.sum(), (is_true & first).sum())
    assert made.iterations[4] == (first.sum(), first.sum())
    assert made.cpu_seconds > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"events": 0}, r"`events` must be at least 1. Received: events=0"),
        ({"process": "minbais"}, r"Did you mean 'minbias'"),
        ({"mu": float("inf")}, r"`mu` must be a finite number"),
    ],
)
def test_filter_tracks_refuses_an_impossible_argument(change, message):
    with pytest.raises(SettingsError, match=message):
        filter_tracks(KeepInitialStep(), **({"events": 1, "mu": 1.0} | change))


def test_filter_tracks_names_the_missing_extra(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(MissingExtraError, match=r"pip install 'trackdnn\[simulation\]"):
        filter_tracks(KeepInitialStep(), events=1, mu=1)


def test_importing_filtered_production_imports_no_optional_package():
    script = (
        "import sys, trackdnn.simulation.filtered_production, trackdnn.commands.acts;"
        "assert not {'acts', 'pythia8mc', 'tensorflow'} & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", script], check=True)
