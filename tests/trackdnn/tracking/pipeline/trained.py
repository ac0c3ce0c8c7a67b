"""A small finder of toy events, whose constructor needs no training."""

from tests.trackdnn.graphs.edge_filter.windows import Kept
from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs import constructor
from trackdnn.settings import LocalSettings
from trackdnn.settings.finding import FindingSettings
from trackdnn.tracking.pipeline.plan import make_plan
from trackdnn.tracking.pipeline.training import train_finder

SMALL = FindingSettings.model_validate(
    {
        "constructor": "neighbours",
        "filter": {"trees": 8, "leaves": 15, "learning_rate": 0.5, "truth": "hyper"},
    }
)


def use_windows(monkeypatch):
    """The constructor of the tests in place of another one."""
    place = ("tests.trackdnn.graphs.edge_filter.windows", "Windows")
    monkeypatch.setitem(constructor.KINDS, "neighbours", place)


def toy_sources(number=4, particles=25):
    return [
        Kept(toy_event(particles, noise=8, seed=seed, name=f"event{seed:09d}"))
        for seed in range(number)
    ]


def trained(folder, settings=SMALL, *, number=4, say=lambda lines: None, **options):
    options = {"validation": 0.25, **options}
    plan = make_plan(settings, toy_sources(number), seed=1, **options)
    return train_finder(plan, folder, local=LocalSettings(cpu_threads=1), say=say)
