import collections
import signal
import types
from pathlib import Path

import pytest

from benchmarks import resume_storm
from benchmarks.lives import MOMENTS, Ground
from benchmarks.resume_storm import Chains, Usual, main, plan
from benchmarks.storm_report import Storm

GOOD, BAD = ("w", "h"), ("x", "h")
USUAL = Usual(seconds=0.0, counts=dict.fromkeys(MOMENTS, 10))


class FakeLife:
    """A process that reads its checkpoint, takes a step, and ends as it is told.

    `script` holds the exit code of each life that is not killed.
    """

    script: collections.deque[int | None]
    moments: list[object]

    def __init__(self, words, log, moment=None):
        self.board = types.SimpleNamespace(
            resumed=1.0, stepped=3.5, saved=1, writing=0, paused=1, place=(1, 0, 32)
        )
        self.started = 3.0
        self._code = self.script.popleft()
        self.moments.append(moment)
        Path(words[-1]).mkdir(exist_ok=True)

    def poll(self):
        return self._code

    def wait(self):
        return self._code

    def wait_for(self, happened):
        return self._code

    def send(self, number):
        assert number == signal.SIGKILL
        self._code = -number


@pytest.fixture
def chains(tmp_path, monkeypatch):
    """A function of exit codes (`None`: lives until killed) and of wanted kills."""

    def make(script, wanted, ends=GOOD):
        monkeypatch.setattr(FakeLife, "script", collections.deque(script), False)
        monkeypatch.setattr(FakeLife, "moments", [], False)
        monkeypatch.setattr(resume_storm, "Life", FakeLife)
        monkeypatch.setattr(resume_storm, "digests", lambda run: ends)
        return Chains(Ground(tmp_path), USUAL, wanted, 0).run()

    return make


def test_chains_kill_until_all_kills_are_done_and_let_the_last_run_end(chains):
    storm = chains([None, None, None, 0], ["", "arrays", ""])

    assert [kill[3] for kill in storm.kills] == ["", "arrays", ""]
    assert (storm.lives, storm.resumes) == (3, [0.5] * 3)
    assert storm.ends == [GOOD]
    assert storm.passed(GOOD, 3)
    names = [moment and moment.name for moment in FakeLife.moments]
    assert names == [None, "arrays", None, None]


def test_chains_begin_another_run_where_one_ends_before_its_kill(chains):
    storm = chains([0, None, 0, None, 0], ["rename", ""])

    assert len(storm.kills) == storm.lives == 2
    assert storm.ends == [GOOD] * 3


def test_chains_stop_at_a_resume_that_fails(chains):
    storm = chains([None, 2], ["", ""])

    assert storm.failed[0].startswith("run-0-1: exit code 2, see ")
    assert not storm.passed(GOOD, 2)


def test_storm_does_not_pass_with_another_network(chains):
    assert not chains([None, 0], [""], ends=BAD).passed(GOOD, 1)


def test_storm_passes_where_a_run_was_killed_on_its_way_out(chains, monkeypatch):
    starts = iter([False, True])
    monkeypatch.setattr(resume_storm, "is_complete", lambda run: next(starts))

    storm = chains([None, 0], [""])

    assert (storm.lives, storm.complete) == (0, 1)
    assert storm.passed(GOOD, 1)


def test_plan_gives_each_process_its_share_of_all_kills():
    parts = plan(20, 9, 3)

    wanted = collections.Counter(name for part in parts for name in part)
    assert sorted(len(part) for part in parts) == [6, 7, 7]
    assert wanted[""] == 11
    assert set(MOMENTS) < set(wanted)


def test_main_exits_by_what_was_found(tmp_path, monkeypatch, capsys):
    for end, code in ((GOOD, 0), (BAD, 1)):
        found = Storm([(1, 0, 32, "")], [1.0], 1, 0, [], [end])
        monkeypatch.setattr(
            resume_storm, "storm", lambda *_, found=found, **__: (found, GOOD)
        )
        assert main(["--kills", "1", "--in-write", "0"]) == code
    assert "all networks are equal" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["--in-write", "9", "--kills", "8"], ["--workers", "0"]]
)
def test_main_refuses_impossible_numbers(words, capsys):
    with pytest.raises(SystemExit):
        main(words)
    assert "--in-write must be at most --kills" in capsys.readouterr().err


def test_main_refuses_a_folder_that_is_used(tmp_path, capsys):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit):
        main(["--folder", str(tmp_path)])
    assert "--folder must be new or empty" in capsys.readouterr().err
