import pytest

from tests.trackdnn.graphs.edge_filter.windows import Kept
from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.pipeline.trained import SMALL, toy_sources
from trackdnn.errors import InputError
from trackdnn.events.event import NOISE, without_truth
from trackdnn.events.views import View
from trackdnn.settings.finding import PartialSettings, ViewSettings
from trackdnn.tracking.pipeline.plan import make_plan
from trackdnn.tracking.pipeline.targets import Target, mixed, seen, whole

PARTIAL = PartialSettings(share=0.5, region="pixel")


def plan(**settings):
    chosen = SMALL.model_copy(update=settings)
    return make_plan(chosen, toy_sources(12), seed=1, validation=0.5)


def test_target_counts_only_the_particles_of_the_view():
    event = toy_event(40, noise=5)
    view = View(ViewSettings(min_pt=1.0), "training")

    target = Target(Kept(event), view)

    seen = target.load()
    assert len(seen) == len(event)
    assert seen.particles.pt.min() >= 1.0
    assert (seen.truth.particle_id == NOISE).sum() > 5
    assert (target.name, target.files) == (event.name, ())


def test_whole_events_are_those_to_learn_from():
    made = plan(partial=PARTIAL)

    assert [one.name for one in whole(made)] == [one.name for one in made.training]
    assert all(one.view.settings.region == "all" for one in whole(made))


@pytest.mark.parametrize("validation", [False, True])
def test_mixed_events_are_seen_in_part_or_as_a_whole(validation):
    made = plan(partial=PARTIAL)

    targets = mixed(made, 0.5, validation=validation)

    assert len(targets) == 6
    assert {one.view.settings.region for one in targets} == {"all", "pixel"}
    assert {one.view.settings.particles for one in targets} == {0.5}
    names = [one.name for one in (made.validation if validation else made.training)]
    assert [one.name for one in targets] == names


def test_seen_keeps_truth_of_all_particles():
    target = Target(Kept(toy_event(40)), View(ViewSettings(min_pt=1.0), "training"))

    assert seen(target).particles.pt.min() < 1.0


def test_seen_must_have_truth():
    target = Target(Kept(without_truth(toy_event(5))), View(ViewSettings(), "training"))

    with pytest.raises(InputError, match="must have truth to learn from"):
        seen(target)
