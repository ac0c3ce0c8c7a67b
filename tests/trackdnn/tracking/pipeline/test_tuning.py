import pytest

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.builders.chains import chains
from trackdnn.settings.finding import FindingSettings
from trackdnn.tracking.builder import KINDS
from trackdnn.tracking.pipeline.tuning import GRIDS, tune, with_cuts


def test_grids_are_of_all_builders_and_of_their_settings():
    assert set(GRIDS) == set(KINDS)
    for builder, grid in GRIDS.items():
        for name, values in grid.items():
            for value in values:
                FindingSettings.model_validate({builder: {name: value}})


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


@pytest.mark.parametrize("events", [[], [toy_event(0, noise=5)]])
def test_tune_keeps_cuts_where_there_is_nothing_to_judge_by(events):
    settings = FindingSettings()

    tuned = tune(settings, events, chains)

    assert tuned.settings == settings
    assert tuned.tried == []


def test_with_cuts_changes_the_builder_in_use_alone():
    settings = FindingSettings(builder="dbscan")

    changed = with_cuts(settings, {"radius": 0.4})

    assert changed.dbscan.radius == 0.4
    assert changed.model_copy(update={"dbscan": settings.dbscan}) == settings
