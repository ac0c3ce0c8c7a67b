import dataclasses
import sys

import pytest

from tests.trackdnn.tracking.pipeline.trained import SMALL, toy_sources
from trackdnn.errors import BadFileError, InputError, MissingExtraError, OutputError
from trackdnn.settings.finding import TuningSettings
from trackdnn.tracking.pipeline.plan import FILE, begin, make_plan


def plan(number=4, validation=0.25, seed=1, settings=SMALL):
    return make_plan(settings, toy_sources(number), seed=seed, validation=validation)


def names(sources):
    return [source.name for source in sources]


@pytest.mark.parametrize(
    ("number", "share", "chosen"),
    [
        (10, 0.2, 2),
        (10, 0.01, 1),
        (10, 0.0, 0),
        (10, 0.99, 9),
        (1, 0.5, 0),
        (2, 0.1, 1),
    ],
)
def test_plan_keeps_a_share_for_validation(number, share, chosen):
    made = plan(number, share)

    assert len(made.validation) == chosen
    both = names(made.training) + names(made.validation)
    assert sorted(both) == names(toy_sources(number))


def test_plan_draws_other_events_with_another_seed():
    drawn = {tuple(names(plan(20, 0.2, seed).validation)) for seed in range(5)}

    assert len(drawn) == 5


def test_plan_needs_events():
    with pytest.raises(InputError, match=r"must have events to learn from.*none"):
        plan(0)


@pytest.mark.parametrize("share", [1.0, -0.1, float("nan")])
def test_plan_refuses_a_share_that_is_none(share):
    with pytest.raises(InputError, match="at least 0 and below 1"):
        plan(4, share)


def test_plan_needs_what_the_tuning_needs_before_anything_is_trained(monkeypatch):
    tuning = TuningSettings(method="optuna")
    settings = SMALL.model_copy(update={"tuning": tuning})
    assert plan(settings=settings).settings == settings
    monkeypatch.setitem(sys.modules, "optuna", None)

    with pytest.raises(MissingExtraError, match="needs Optuna"):
        plan(settings=settings)


def test_plan_goes_on_where_it_was(tmp_path):
    assert not begin(plan(), tmp_path / "work")
    assert begin(plan(), tmp_path / "work")


def test_plan_does_not_go_on_with_other_work(tmp_path):
    begin(plan(), tmp_path / "work")
    source = dataclasses.replace(toy_sources(1)[0], files=(tmp_path / "work" / FILE,))
    changed = dataclasses.replace(plan(), validation=[source])

    for other in (plan(seed=2), plan(number=5), changed):
        with pytest.raises(OutputError, match="of the same finder on the same events"):
            begin(other, tmp_path / "work")


def test_plan_leaves_a_foreign_folder_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(OutputError, match="Received: something else"):
        begin(plan(), tmp_path)


def test_plan_names_a_file_that_is_no_json(tmp_path):
    (tmp_path / FILE).write_text("{")

    with pytest.raises(BadFileError, match=rf"{FILE}' must be JSON"):
        begin(plan(), tmp_path)


def test_network_is_kept_of_a_finder_alone():
    with pytest.raises(InputError, match="--keep-network must come with --start"):
        make_plan(SMALL, toy_sources(2), seed=1, validation=0.0, network=True)
