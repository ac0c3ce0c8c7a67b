import dataclasses
import sys

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.builders.chains import chains
from trackdnn.errors import MissingExtraError
from trackdnn.settings.finding import FindingSettings, TuningSettings
from trackdnn.tracking.builder import KINDS, make_builder
from trackdnn.tracking.judgement import judge
from trackdnn.tracking.pipeline.tuning import (
    GRIDS,
    RANGES,
    check_tuning,
    steps,
    tune,
    with_cuts,
)
from trackdnn.tracking.presets import definitions


def test_grids_are_of_all_builders_and_of_their_settings():
    assert set(GRIDS) == set(RANGES) == set(KINDS)
    for builder, grid in GRIDS.items():
        for name, values in grid.items():
            for value in values:
                FindingSettings.model_validate({builder: {name: value}})


def test_ranges_hold_their_grids_and_are_of_the_settings():
    for builder, ranges in RANGES.items():
        for name, one in ranges.items():
            for value in (one.low, one.high):
                FindingSettings.model_validate({builder: {name: value}})
        for name, values in GRIDS[builder].items():
            assert ranges[name].low <= min(values)
            assert max(values) <= ranges[name].high


@pytest.mark.parametrize(
    ("builder", "name"), [("components", "cut"), ("dbscan", "radius")]
)
def test_tune_finds_the_cut_between_true_and_false_edges(builder, name):
    settings = FindingSettings(builder=builder)
    events = [toy_event(40, noise=20, seed=seed) for seed in range(2)]

    def scored(event):
        return chains(event, false=300, good=(0.55, 1.0), bad=(0.0, 0.45))

    tuned = tune(settings, events, scored)

    assert getattr(tuned.settings.builder_settings, name) == pytest.approx(0.5)
    assert max(one["merit"] for one in tuned.tried) > 0.99
    assert len(tuned.tried) == 9


def test_tune_asks_for_efficiency_less_fakes():
    settings = FindingSettings(builder="components")
    event = toy_event(40, noise=20)

    tuned = tune(settings, [event], lambda event: chains(event, false=300))

    for one in tuned.tried:
        assert one["merit"] == pytest.approx(one["efficiency"] - one["fake"])


@pytest.mark.parametrize("method", ["grid", "optuna"])
def test_tune_judges_cuts_as_the_judgement_does(method):
    tuning = TuningSettings(
        method=method, trials=3, fake_weight=2.5, vary_min_hits=True
    )
    settings = FindingSettings(builder="components", tuning=tuning)
    events = [toy_event(20, noise=10, seed=seed) for seed in range(2)]

    tuned = tune(settings, events, lambda event: chains(event, false=100))

    row = definitions(settings.judgement)[0]
    for one in tuned.tried:
        cuts = {"cut": one["cut"], "min_hits": one["min_hits"]}
        builder = make_builder(with_cuts(settings, cuts))
        counts = [
            judge(event, builder.build(event, chains(event, false=100)), [row]).counts[
                row
            ]
            for event in events
        ]
        efficiency = sum(c.found for c in counts) / sum(c.particles for c in counts)
        fake = sum(c.fakes for c in counts) / max(sum(c.tracks for c in counts), 1)
        assert one["efficiency"] == efficiency
        assert one["fake"] == fake
        assert one["merit"] == efficiency - 2.5 * fake
    assert {one["min_hits"] for one in tuned.tried} == {3, 4}


def test_tune_with_trials_finds_a_cut_between_points_of_the_grid():
    tuning = TuningSettings(method="optuna", trials=25)
    settings = FindingSettings(builder="components", tuning=tuning)
    events = [toy_event(40, noise=20, seed=seed) for seed in range(2)]
    counted = []

    def scored(event):
        return chains(event, false=300, good=(0.57, 1.0), bad=(0.0, 0.53))

    def run(seed):
        return tune(settings, events, scored, lambda: counted.append(None), seed=seed)

    tuned = run(4)

    assert 0.53 <= tuned.settings.components.cut <= 0.57
    assert tuned.tried == run(4).tried
    assert len(counted) == 2 * steps(settings, len(events)) == 2 * (2 + 25)
    merits = [one["merit"] for one in tuned.tried]
    assert max(merits) > max(merits[: len(GRIDS["components"]["cut"])])
    assert tuned.tried != run(5).tried


class ByLength:
    """A selection to which longer tracks are truer; it counts its calls."""

    calls = 0

    def score(self, event, graph, tracks):
        self.calls += 1
        return tracks.lengths / 10.0 - 0.01


@pytest.mark.parametrize(("method", "points"), [("grid", 6), ("optuna", 9)])
def test_tune_judges_cuts_of_the_selection_as_a_finder_does(method, points):
    settings = FindingSettings.model_validate(
        {
            "builder": "components",
            "selection": {"enabled": True},
            "tuning": {"method": method, "trials": 3},
        }
    )
    event, selection = toy_event(20, noise=10), ByLength()
    graph = chains(event, false=60, bad=(0.0, 0.9))

    tuned = tune(settings, [event], lambda event: graph, selection=selection)

    cuts = len(GRIDS["components"]["cut"])
    assert len(tuned.tried) >= 6 * cuts + points - 6
    # Tracks are built once for all cuts of the selection of the grid.
    assert selection.calls <= cuts + 3
    row = definitions(settings.judgement)[0]
    for one in tuned.tried:
        chosen = with_cuts(settings, {"cut": one["cut"], "selection": one["selection"]})
        tracks = make_builder(chosen).build(event, graph)
        kept = tracks.take(ByLength().score(event, graph, tracks) > one["selection"])
        counts = judge(event, kept, [row]).counts[row]
        assert one["efficiency"] == counts.found / counts.particles
        assert one["fake"] == counts.fakes / max(counts.tracks, 1)
    best = max(tuned.tried, key=lambda one: one["merit"])
    assert tuned.settings.selection.cut == best["selection"]
    assert tuned.settings.components.cut == best["cut"]


class Sure:
    """Masks that take every hit."""

    def of_hits(self, state, tokens, valid, pivots, pivot_valid):
        return np.where(valid, np.float32(0.9), 0)


def with_states(event):
    graph = chains(event, false=20)
    return dataclasses.replace(graph, state=np.zeros((graph.hits, 1), np.float32))


@pytest.mark.parametrize("builder", KINDS)
def test_tune_with_trials_is_for_all_builders(builder):
    tuning = TuningSettings(method="optuna", trials=2)
    settings = FindingSettings(builder=builder, tuning=tuning)

    tuned = tune(settings, [toy_event(10, noise=5)], with_states, masks=Sure())

    assert set(tuned.tried[-1]) == {*RANGES[builder], "efficiency", "fake", "merit"}
    best = max(tuned.tried, key=lambda one: one["merit"])
    for name in RANGES[builder]:
        assert getattr(tuned.settings.builder_settings, name) == best[name]


def test_tuning_without_optuna_is_refused_in_time(monkeypatch):
    check_tuning(FindingSettings(tuning=TuningSettings(method="optuna")))
    monkeypatch.setitem(sys.modules, "optuna", None)

    with pytest.raises(
        MissingExtraError,
        match=r"`finding.tuning.method=optuna` needs Optuna.*'trackdnn\[search\]'",
    ):
        check_tuning(FindingSettings(tuning=TuningSettings(method="optuna")))
    check_tuning(FindingSettings())


@pytest.mark.parametrize("method", ["grid", "optuna"])
@pytest.mark.parametrize("events", [[], [toy_event(0, noise=5)]])
def test_tune_keeps_cuts_where_there_is_nothing_to_judge_by(events, method):
    settings = FindingSettings(tuning=TuningSettings(method=method))

    tuned = tune(settings, events, chains)

    assert tuned.settings == settings
    assert tuned.tried == []


def test_with_cuts_changes_the_builder_in_use_alone():
    settings = FindingSettings(builder="dbscan")

    changed = with_cuts(settings, {"radius": 0.4})

    assert changed.dbscan.radius == 0.4
    assert changed.model_copy(update={"dbscan": settings.dbscan}) == settings
