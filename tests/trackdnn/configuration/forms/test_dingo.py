"""Dingo's file, as its documentation shows it."""

import math

import pytest

from trackdnn.configuration.validation import validate
from trackdnn.training.schedules.schedule import make_schedule


def stage_of(**changes):
    return {
        "epochs": 6,
        "optimizer": {"type": "adam", "lr": 1e-3},
        "scheduler": {"type": "cosine", "T_max": 6},
        "batch_size": 64,
        **changes,
    }


LOCAL = {
    "device": "cpu",
    "num_workers": 6,
    "runtime_limits": {"max_time_per_run": 36000, "max_epochs_per_run": 500},
    "condor": {"bid": 100, "num_cpus": 16, "memory_cpus": 128000},
}


def rates(stage, losses=()):
    """The rate of each epoch of a stage with one update per epoch."""
    schedule = make_schedule(stage.schedule, stage.rate, stage.warmup, 1, stage.epochs)
    found = []
    for epoch in range(stage.epochs):
        found.append(float(schedule.rates(epoch, 1)[0]))
        schedule.observe(epoch + 1, losses[epoch] if losses else 0.0)
    return found


def test_stages_come_in_the_order_of_their_numbers():
    settings = validate(
        {
            "training": {
                "stage_1": stage_of(optimizer={"type": "adam", "lr": 1e-5}),
                "stage_0": stage_of(freeze_rb_layer=False),
            },
            "local": LOCAL,
        }
    )

    assert [stage.learning_rate for stage in settings.training] == [1e-3, 1e-5]
    assert settings.training[0].early_stopping is None
    assert settings.training[0].batch_size == 64


def test_cosine_has_the_rates_of_pytorch(stage):
    found = stage(**stage_of(scheduler={"type": "cosine", "T_max": 6, "eta_min": 1e-4}))

    expected = [
        1e-4 + (1e-3 - 1e-4) * (1 + math.cos(math.pi * epoch / 6)) / 2
        for epoch in range(6)
    ]

    assert rates(found) == pytest.approx(expected, rel=1e-12)


def test_step_has_the_rates_of_pytorch(stage):
    scheduler = {"type": "step", "step_size": 2, "gamma": 0.5}

    found = stage(**stage_of(scheduler=scheduler))

    assert rates(found) == pytest.approx([1e-3 * 0.5 ** (e // 2) for e in range(6)])


def test_plateau_waits_as_long_as_that_of_pytorch(stage):
    scheduler = {"type": "reduce_on_plateau", "factor": 0.5, "patience": 1}

    found = stage(**stage_of(scheduler=scheduler))

    # PyTorch lowers it after more bad epochs than `patience`: after the third epoch.
    expected = [1e-3, 1e-3, 1e-3, 5e-4, 5e-4, 2.5e-4]
    assert rates(found, [1.0] * 6) == pytest.approx(expected)


def test_early_stopping_watches_the_same(stage):
    early = {"patience": 3, "metric": "validation", "delta": 0.0}

    found = stage(**stage_of(early_stopping=early)).early_stopping

    assert (found.monitor, found.patience) == ("val_loss", 3)


def test_local_has_their_names():
    local = validate({"local": {**LOCAL, "device": "cuda"}}).local

    assert (local.gpus, local.workers) == (1, 6)
    assert (local.max_seconds, local.max_epochs) == (36000, 500)
    assert (local.cluster.cpus, local.cluster.memory) == (16, 128000)
    assert local.cluster.bid == 100


def test_local_changes_nothing_in_the_result():
    assert validate({"local": LOCAL}).fingerprint() == validate({}).fingerprint()


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ({"stage_0": {}, "stage_2": {}}, "without a gap"),
        ({"stage_0": {}, "epochs": 3}, "nothing else"),
        ({"stage_0": {}, "stage_00": {}}, "without a gap"),
        ({"stage_0": 3}, "'training.0'"),
        ({"stage_0": {"asd_dataset_path": "a"}}, "'training.stage_0.asd_dataset_path'"),
        ({"stage_0": {"freeze_rb_layer": True}}, "Write freeze: [PATTERN"),
        ({"stage_0": {"automatic_mixed_precision": True}}, "model.precision"),
        (stage_of(scheduler={"type": "cosine", "T_max": 5}), "epochs of the stage, 6"),
        (stage_of(scheduler={"type": "cosine"}), "T_max' must be a number"),
        (stage_of(scheduler={"type": "linear"}), "must be one of cosine, step"),
        (stage_of(scheduler={}), "must be one of cosine, step"),
        (
            stage_of(scheduler={"type": "step", "step_size": 2, "last_epoch": 1}),
            "last_epoch' must be left out: step reads step_size, gamma",
        ),
        (stage_of(schedule="cosine"), "mean the same"),
        (stage_of(early_stopping={"metric": "training"}), "must be validation"),
        (stage_of(early_stopping={"delta": 0.1}), "must be 0"),
        (stage_of(early_stopping={"verbose": True}), "history tells"),
    ],
)
def test_stage_that_means_something_else_is_refused(refusal, content, part):
    assert part in refusal({"training": content})


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ({"data": {"train_fraction": 0.95}}, "write data.split.validation"),
        ({"data": {"detectors": ["H1"]}}, "gravitational waves"),
        ({"model": {"type": "nsf+embedding"}}, "model.architecture"),
        ({"local": {"checkpoint_epochs": 10}}, "local.checkpoints"),
        ({"local": {"device": "cuda:1"}}, "must be cpu or cuda"),
        ({"local": {"device": "cuda", "gpus": 2}}, "mean the same"),
        ({"local": {"runtime_limits": {"max_time": 3}}}, "a limit reads max_time_per"),
        ({"local": {"runtime_limits": 3}}, "must be a mapping"),
        ({"local": {"num_workers": "all"}}, "must be a number"),
    ],
)
def test_group_that_means_something_else_is_refused(refusal, content, part):
    assert part in refusal(content)
