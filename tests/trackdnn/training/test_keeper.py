"""A training that is stopped at any step goes on as if nothing had happened."""

import dataclasses

import numpy as np
import pytest

from network.builder import ModelBuilder
from trackdnn.errors import RunError, Stopped
from trackdnn.settings import LocalSettings, ModelSettings, Stage
from trackdnn.training.checkpoints.store import CheckpointStore
from trackdnn.training.fitting import fit_spec
from trackdnn.training.keeper import Keeper
from trackdnn.training.task import TrackTask
from trackdnn.training.trainer import ModelTrainer
from trackdnn.training.watch import Watch

TIMES = ("seconds", "tracks_per_second", "stall", "memory_mb")


class StopAt(Watch):
    """Stops at the n-th question and, as a signal does, at all that come after."""

    def __init__(self, number):
        super().__init__()
        self.left = number

    def must_stop(self, *, between_epochs):
        self.left -= 1
        return Stopped("enough", 85) if self.left <= 0 else None


@pytest.fixture
def course(parts, monkeypatch):
    """A function of stages and a keeper; trains a network with dropout."""
    monkeypatch.setattr("trackdnn.data.batches.source.STEPS", 4)
    model = ModelSettings(options={"width": 16, "blocks": 1, "dropout": 0.2})
    builder = ModelBuilder(model)
    spec = fit_spec(model, builder.preset, parts[0])

    def run(stages, keeper=None, local=None):
        trainer = ModelTrainer(stages, local or LocalSettings(), 1)
        return trainer.train(
            lambda: builder.build(spec), TrackTask(*parts), keeper=keeper
        )

    return run


def rows(result):
    """The history without what a clock says."""
    plain = [dataclasses.asdict(row) for row in result.history]
    return [{k: v for k, v in row.items() if k not in TIMES} for row in plain]


def assert_equal(one, other):
    assert rows(one) == rows(other)
    assert one.best_epoch == other.best_epoch
    for a, b in zip(one.model.get_weights(), other.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def stopped_and_resumed(course, stages, folder, numbers, **options):
    """The training, stopped at some questions, one after the other."""
    for number in numbers:
        keeper = Keeper(CheckpointStore(folder), StopAt(number))
        with pytest.raises(Stopped):
            course(stages, keeper, **options)
    return course(stages, Keeper(CheckpointStore(folder)), **options)


QUICK = {"epochs": 3, "batch_size": 64, "early_stopping": {"patience": 2}}
# 19 steps make five chunks: five questions, one while the network is judged, and one
# after the epoch.
STAGES = (
    Stage(**QUICK, ema=0.9, accumulate=3, clip=0.5),
    Stage(
        **{**QUICK, "epochs": 2}, optimizer="adam", freeze=["stem"], schedule="constant"
    ),
)


def test_stopped_training_equals_an_uninterrupted_one(course, tmp_path):
    whole = course(STAGES)

    # In the first epoch, after the first epoch, in the second, in the second stage.
    found = stopped_and_resumed(course, STAGES, tmp_path, (2, 3, 3, 12))

    assert len(whole.history) == 5
    assert_equal(found, whole)


def test_stage_leaves_frozen_weights_as_they_are(course, tmp_path):
    keeper = Keeper(CheckpointStore(tmp_path))
    result = course(STAGES, keeper)

    store = CheckpointStore(tmp_path)
    first, second = (store.load(f"stage{n}-end").state.arrays for n in (1, 2))
    names = [variable.path for variable in result.model.variables]
    same = [
        np.array_equal(first[f"model/{n:04d}"], second[f"model/{n:04d}"])
        for n in range(len(names))
    ]
    frozen = [ok for name, ok in zip(names, same, strict=True) if "stem" in name]
    moved = [
        not ok
        for name, ok in zip(names, same, strict=True)
        if name.endswith("kernel") and "stem" not in name
    ]
    assert len(frozen) >= 1
    assert all(frozen)
    assert all(moved)


def test_finished_training_is_not_trained_again(course, tmp_path):
    whole = course(STAGES[:1], Keeper(CheckpointStore(tmp_path)))

    again = course(STAGES[:1], Keeper(CheckpointStore(tmp_path), StopAt(1)))

    assert_equal(again, whole)


def test_stage_may_follow_a_finished_training(course, tmp_path):
    course(STAGES[:1], Keeper(CheckpointStore(tmp_path)))

    assert_equal(course(STAGES, Keeper(CheckpointStore(tmp_path))), course(STAGES))


def test_stages_that_are_trained_must_be_in_the_settings(course, tmp_path):
    course(STAGES, Keeper(CheckpointStore(tmp_path)))

    with pytest.raises(RunError, match="2 stages that are trained"):
        course(STAGES[:1], Keeper(CheckpointStore(tmp_path)))


def test_keeper_saves_now_and_then_within_an_epoch(course, tmp_path):
    ticks = iter(range(10_000))
    store = CheckpointStore(tmp_path, keep=100)
    keeper = Keeper(store, every=2, clock=lambda: next(ticks))

    course((Stage(**{**QUICK, "epochs": 1}),), keeper)

    steps = [name.rpartition("step")[2] for name in store.names() if "step" in name]
    # Each look at the clock takes a second.
    assert sorted(map(int, steps)) == [8, 16]


def test_keeper_without_a_store_keeps_nothing(course):
    keeper = Keeper(None, StopAt(2))

    with pytest.raises(Stopped, match="enough") as stop:
        course(STAGES, keeper)
    assert stop.value.exit_code == 85
    assert keeper.resume() is None


def test_epochs_are_told_once_each_and_may_end_the_training(course, tmp_path):
    told = []

    course(STAGES, Keeper(on_epoch=told.append))

    assert [(row.stage, row.epoch) for row in told] == [
        *((1, 1), (1, 2), (1, 3), (2, 1), (2, 2))
    ]

    def end(row):
        raise Stopped("pruned", 85)

    with pytest.raises(Stopped, match="pruned"):
        course(STAGES, Keeper(CheckpointStore(tmp_path), on_epoch=end))
    assert CheckpointStore(tmp_path).load().state.facts["epoch"] == 1
