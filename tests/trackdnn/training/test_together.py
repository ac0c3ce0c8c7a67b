"""Store, watch and judge of two workers that are threads."""

import types

import numpy as np
import pytest

from trackdnn.errors import RunError, Stopped, TrainingError
from trackdnn.training.checkpoints.state import State
from trackdnn.training.checkpoints.store import CheckpointStore
from trackdnn.training.judge import Verdict
from trackdnn.training.keeper import Keeper
from trackdnn.training.together import (
    SharedJudge,
    SharedStore,
    SharedWatch,
    StopTogether,
    for_chief,
)
from trackdnn.training.watch import Watch

STATE = State(
    arrays={"model/0000": np.arange(6, dtype="f4").reshape(2, 3), "scale/0": np.eye(2)},
    facts={"stage": 1, "epoch": 2, "step": 0, "loss": float("nan")},
)


def test_chief_writes_and_all_read_the_same(crew, tmp_path):
    def course(team):
        # The other one has a folder of its own, which stays empty.
        folder = tmp_path / str(team.number)
        store = SharedStore(CheckpointStore(folder), team)
        assert store.load() is None
        store.save(STATE, name="one")
        return store.load()

    found = crew(course)

    assert not (tmp_path / "1").exists()
    for one in found:
        assert one.name == "one"
        assert one.state.facts["epoch"] == 2
        assert np.isnan(one.state.facts["loss"])
        for name, array in STATE.arrays.items():
            np.testing.assert_array_equal(one.state.arrays[name], array)
            assert one.state.arrays[name].dtype == array.dtype


def test_damage_that_the_chief_finds_is_told_all(crew, tmp_path):
    CheckpointStore(tmp_path).save(STATE, name="one")
    (tmp_path / "one" / "arrays.npz").write_bytes(b"")

    found = crew(lambda team: SharedStore(CheckpointStore(tmp_path), team).load())

    assert all(isinstance(one, RunError) for one in found)


class Ends(Watch):
    def __init__(self, stop):
        super().__init__()
        self.stop, self.heard = stop, []

    def must_stop(self, *, between_epochs):
        return self.stop

    def stage_begins(self):
        self.heard.append("stage")

    def epoch_done(self, seconds):
        self.heard.append(seconds)

    def checkpoint_done(self, seconds):
        self.heard.append(-seconds)


@pytest.mark.parametrize("code", [85, 130])
def test_one_that_must_stop_stops_all(crew, code):
    def course(team):
        stop = Stopped("stopped: SIGTERM", code) if team.number == 1 else None
        return SharedWatch(Ends(stop), team).must_stop(between_epochs=False)

    chief, other = crew(course)

    assert (str(chief), chief.exit_code) == ("worker 1 stopped: SIGTERM", code)
    assert (str(other), other.exit_code) == ("stopped: SIGTERM", code)
    assert (
        crew(lambda team: SharedWatch(Ends(None), team).must_stop(between_epochs=1))[0]
        is None
    )


def test_watch_hears_of_its_own_epochs(crew):
    def course(team):
        own = Ends(None)
        watch = SharedWatch(own, team)
        watch.stage_begins()
        watch.epoch_done(1.0)
        watch.checkpoint_done(2.0)
        return own.heard

    assert crew(course) == [["stage", 1.0, -2.0]] * 2


def nothing():
    pass


def verdict(loss):
    return Verdict(loss, 0.7, {"purity": 0.25})


def test_figures_are_those_of_the_chief(crew):
    def course(team):
        return SharedJudge(lambda model, pulse: verdict(0.1 + team.number), team)(
            None, nothing
        )

    assert crew(course) == [verdict(0.1), verdict(0.1)]


@pytest.mark.parametrize("number", [0, 1])
def test_figures_that_one_cannot_give_end_all(crew, number):
    def course(team):
        def judge(model, pulse):
            if team.number == number:
                raise TrainingError("my scores are NaN")
            return verdict(0.1)

        return SharedJudge(judge, team)(None, nothing)

    found = crew(course)

    assert all(isinstance(one, TrainingError) for one in found)
    assert str(found[number]) == "my scores are NaN"
    assert "on another worker" in str(found[1 - number])


def test_callback_of_the_chief_ends_the_stage_for_all(crew):
    def course(team):
        callback = StopTogether(team)
        model = types.SimpleNamespace(stop_training=team.is_chief)
        callback.set_model(model)
        callback.on_epoch_end(0)
        return model.stop_training

    assert crew(course) == [True, True]


def test_shared_keeper_asks_the_chief_for_everything(crew, tmp_path):
    told = []

    def course(team):
        keeper = Keeper(
            CheckpointStore(tmp_path / str(team.number)),
            clock=lambda: 5.0 + team.number,
            on_start=lambda rows: told.append((team.number, rows)),
        ).shared(team)
        assert keeper.resume() is None
        return keeper._clock()

    assert crew(course) == [5.0, 5.0]
    assert told == [(0, ())]


def test_keeper_of_one_process_is_as_it_was():
    from trackdnn.training.team import Team

    keeper = Keeper()

    assert keeper.shared(Team()) is keeper


def test_error_in_what_the_chief_is_told_ends_all(crew):
    def course(team):
        def fail(content):
            raise Stopped(f"pruned {content}", 85)

        return for_chief(team, fail)(3)

    assert [str(one) for one in crew(course)] == ["pruned 3", "pruned 3"]
