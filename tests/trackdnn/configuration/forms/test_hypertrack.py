"""HyperTrack's options, in the place where ours stand."""

import pytest

from trackdnn.configuration.validation import validate


def test_options_of_a_training_are_those_of_a_stage(stage):
    found = stage(
        optimizer="AdamW",
        learning_rate=5e-4,
        scheduler_type="warm-cos",
        scheduler_period=10_000,
        max_grad_norm=1,
        weight_decay_w=1e-5,
        weight_decay_b=0,
        epsilon=1e-6,
    )

    assert (found.optimizer.name, found.optimizer.weight_decay) == ("adamw", 1e-5)
    assert found.optimizer.options == {"epsilon": 1e-6}
    assert (found.schedule.kind, found.schedule.period) == ("cosine_restarts", 10_000)
    assert (found.schedule.final, found.schedule.per) == (0.1, "update")
    assert (found.clip, found.warmup, found.early_stopping) == (1.0, 0.0, None)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("exp", "exponential"), ("step", "step"), ("constant", "constant")],
)
def test_schedules_have_other_names(stage, theirs, ours):
    assert stage(scheduler_type=theirs).schedule.kind == ours


def test_seed_and_saving_have_other_names():
    settings = validate({"random_seed": 7, "local": {"save_period": 1200}})

    assert (settings.seed, settings.local.checkpoint_seconds) == (7, 1200.0)


@pytest.mark.parametrize(
    ("training", "part"),
    [
        ({"auc_threshold": 0.998}, "write gates"),
        ({"soft_reset": 1}, "reset: soft"),
        ({"transfer_tag": "f-0p1"}, "write model.transfer"),
        ({"save_tag": "f-0p1"}, "--run-dir"),
        ({"fp_dtype": "float32"}, "model.precision"),
        ({"rfactor_start": 0.1}, "network of hits"),
        ({"weight_decay_b": 0.1}, "must be 0"),
        ({"weight_decay_w": 0.1, "weight_decay": 0.1}, "must stand alone"),
        ({"weight_decay_w": 0.1, "optimizer": "Adam"}, "decays nothing"),
        ({"epsilon": 1, "optimizer": {"options": 3}}, "must stand alone"),
        ({"epsilon": 1, "optimizer": {"options": {"epsilon": 2}}}, "stand alone"),
        ({"scheduler_type": "cos"}, "must be one of warm-cos, exp, step, constant"),
        ({"scheduler_type": "exp", "scheduler_period": 3}, "scheduler_type: warm-cos"),
        ({"scheduler_period": 3}, "scheduler_type: warm-cos"),
        ({"scheduler_type": "exp", "schedule": "cosine"}, "mean the same"),
        ({"max_grad_norm": 1, "clip": 1}, "mean the same"),
    ],
)
def test_what_means_something_else_is_refused(refusal, training, part):
    assert part in refusal({"training": training})
