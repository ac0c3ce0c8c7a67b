import dataclasses
import os
import signal

import pytest

from tests.trackdnn.graphs.edge_filter.windows import Kept
from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.pipeline.trained import toy_sources
from trackdnn.data.prepared.executors import PreparationError
from trackdnn.errors import BadFileError, InputError, OutputError
from trackdnn.events.event import without_truth
from trackdnn.settings.finding import JudgementSettings
from trackdnn.tracking.pipeline import applying
from trackdnn.tracking.pipeline.applying import Job, apply, rows_of
from trackdnn.tracking.pipeline.finder import STAGES


@pytest.fixture
def job(windows, finder_master):
    return Job(finder=finder_master, threads=1, rows=rows_of(JudgementSettings()))


class Broken:
    name = "event000000666"
    files = ()

    def load(self):
        raise BadFileError("'x.csv' must be whole.")


def test_applying_judges_each_event(job):
    outcomes = list(apply(job, toy_sources(3)))

    assert [one.place for one in outcomes] == [0, 1, 2]
    for one in outcomes:
        first, every = (one.judgement.counts[row] for row in job.rows)
        assert 0 < first.particles < every.particles
        assert every.found > 0.5 * every.particles
        assert one.candidates >= one.edges >= one.tracks > 0
        assert set(one.seconds) == {"read", *STAGES}


def test_applying_goes_on_after_an_event_that_cannot_be_read(job):
    sources = [Broken(), *toy_sources(2)]

    outcomes = list(apply(job, sources))

    assert [one.error for one in outcomes] == ["'x.csv' must be whole.", None, None]


def test_applying_judges_nothing_without_truth(job):
    (outcome,) = apply(job, [Kept(without_truth(toy_event(10)))])

    assert outcome.judgement is None
    assert outcome.tracks > 0


def test_applying_writes_tracks_and_the_page_of_the_first_event(job, tmp_path):
    page = tmp_path / "first.html"
    job = dataclasses.replace(job, output=tmp_path, display=page)

    list(apply(job, toy_sources(2)))

    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "event000000000-tracks.csv",
        "event000000001-tracks.csv",
        "first.html",
    }
    assert b"<html" in page.read_bytes()[:200]


def test_applying_keeps_what_was_written_before_an_interruption(job, tmp_path):
    job = dataclasses.replace(job, output=tmp_path)

    class Interrupted(Broken):
        def load(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(apply(job, [*toy_sources(1), Interrupted()]))

    assert [path.name for path in tmp_path.iterdir()] == ["event000000000-tracks.csv"]


def test_applying_refuses_no_events_and_equal_names(job, tmp_path):
    with pytest.raises(InputError, match="must be events to find tracks in"):
        list(apply(job, []))
    (first,) = toy_sources(1)
    with pytest.raises(InputError, match="must be named once"):
        list(apply(job, [first, first]))
    other = Kept(first.event, (tmp_path,))
    assert len(list(apply(job, [first, other]))) == 2
    job = dataclasses.replace(job, output=tmp_path)
    with pytest.raises(InputError, match="2 times"):
        list(apply(job, [first, other]))


@pytest.mark.parametrize("name", ["output", "display"])
def test_applying_looks_for_a_place_to_write_before_all_else(job, tmp_path, name):
    (tmp_path / "file").touch()
    job = dataclasses.replace(job, **{name: tmp_path / "file" / "page.html"})

    with pytest.raises(OutputError, match="must be writable"):
        next(apply(job, [Broken()]))


def test_applying_builds_as_it_is_told(job):
    sources = toy_sources(2)
    strict = ("finding.builder=components", "finding.components.cut=0.999")

    usual = list(apply(job, sources))
    other = list(apply(dataclasses.replace(job, builder=strict), sources))

    assert [one.edges for one in usual] == [one.edges for one in other]
    assert sum(one.tracks for one in other) < sum(one.tracks for one in usual)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Deadly(Broken):
    """Kills the process that receives it."""

    def __init__(self, name):
        self.name = name

    def __reduce__(self):
        return die, ()


def test_applying_names_a_killed_worker(job):
    sources = [Deadly("event000000001"), Deadly("event000000002")]

    with pytest.raises(PreparationError, match="find the tracks of its events, but"):
        list(apply(job, sources, workers=2))


@pytest.mark.slow
def test_applying_in_processes_finds_the_same_tracks(tmp_path):
    # Worker processes know constructors of the package alone.
    from trackdnn.settings.finding import FindingSettings
    from trackdnn.tracking.pipeline.plan import make_plan
    from trackdnn.tracking.pipeline.training import train_finder

    sources = toy_sources(5)
    settings = FindingSettings.model_validate(
        {"constructor": "neighbours", "filter": {"trees": 10}}
    )
    plan = make_plan(settings, sources, seed=1, validation=0.2)
    train_finder(plan, tmp_path / "finder")
    rows = rows_of(JudgementSettings())
    job = Job(finder=tmp_path / "finder", threads=1, rows=rows)

    alone = list(apply(job, sources))
    together = sorted(apply(job, sources, workers=2), key=lambda one: one.place)

    assert [one.judgement for one in alone] == [one.judgement for one in together]


def test_rows_are_with_and_without_a_cut_on_momentum():
    first, every = rows_of(JudgementSettings(min_pt=0.9))

    assert (first.wanted.min_pt, every.wanted.min_pt) == (0.9, None)
    assert dataclasses.replace(first.wanted, min_pt=None) == every.wanted
    assert len(rows_of(JudgementSettings(preset="hypertrack"))) == 1


def test_applying_reads_a_finder_once(job, monkeypatch):
    calls = []
    applying._finder.cache_clear()
    load = applying.load_finder
    monkeypatch.setattr(
        applying, "load_finder", lambda *a, **k: calls.append(1) or load(*a, **k)
    )

    list(apply(job, toy_sources(3)))

    assert len(calls) == 1
    applying._finder.cache_clear()
