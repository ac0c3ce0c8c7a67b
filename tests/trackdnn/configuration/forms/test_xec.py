"""XEC's training section, as its guide and its files show it."""

import pytest

FLAT = {"epochs": 20, "batch_size": 512, "lr": 3e-4}


def test_section_is_one_stage(stage):
    found = stage(
        **FLAT,
        lr_scheduler="cosine",
        warmup_epochs=2,
        lr_min=3e-6,
        weight_decay=1e-4,
        ema_decay=0.999,
        grad_clip=1.0,
        grad_accum_steps=4,
    )

    assert (found.epochs, found.learning_rate, found.warmup) == (20, 3e-4, 2)
    assert (found.schedule.kind, found.schedule.per) == ("cosine", "epoch")
    assert found.schedule.final == pytest.approx(0.01)
    assert (found.optimizer.name, found.optimizer.weight_decay) == ("adamw", 1e-4)
    assert (found.ema, found.clip, found.early_stopping) == (0.999, 1.0, None)
    # An update is over four of their batches.
    assert (found.batch_size, found.accumulate) == (2048, 4)


def test_silent_parts_are_theirs(stage):
    found = stage(**FLAT, scheduler="cosine", ema_decay=None, grad_clip=0)

    assert (found.warmup, found.early_stopping) == (0, None)
    assert (found.ema, found.clip) == (0.0, None)
    assert found.schedule.final == pytest.approx(1e-6 / 3e-4)


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (
            {"lr_scheduler": "plateau", "lr_patience": 4, "lr_factor": 0.3},
            {"kind": "plateau", "patience": 5, "factor": 0.3},
        ),
        (
            {"lr_scheduler": "cosine_restarts", "lr_restart_period": 7},
            {"kind": "cosine_restarts", "period": 7, "multiplier": 2, "per": "epoch"},
        ),
        ({"scheduler": "none"}, {"kind": "constant"}),
        ({"lr_scheduler": None}, {"kind": "constant"}),
    ],
)
def test_schedules_have_their_keys_beside_them(stage, extra, expected):
    found = stage(**FLAT, **extra).schedule.model_dump()

    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("extra", "part"),
    [
        ({"lr_scheduler": "onecycle"}, "their guide and their code differ"),
        ({"lr_scheduler": "linear"}, "must be one of cosine, plateau"),
        ({"lr_scheduler": 3}, "must be one of"),
        ({"lr_scheduler": "cosine", "scheduler": "cosine"}, "mean the same"),
        ({"lr_scheduler": "cosine", "max_lr": 1}, "cosine reads warmup_epochs, lr_min"),
        ({"lr_scheduler": "none", "lr_min": 1}, "reads none of these"),
        ({"lr_scheduler": "cosine", "warmup_epochs": 0.5}, "must be a whole number"),
        ({"lr_min": 1e-6}, "belongs to lr_scheduler, which is none"),
        ({"amp": True}, "model.precision"),
        ({"channel_dropout_rate": 0.1}, "model.options.dropout"),
        ({"compile": True}, "always compiled"),
        ({"grad_accum_steps": 2, "accumulate": 3}, "mean the same"),
        ({"grad_accum_steps": 1.5}, "must be a whole number"),
        ({"grad_accum_steps": 2, "batch_size": "x"}, "needs a whole number"),
        ({"lr": -1, "lr_scheduler": "cosine"}, "needs a learning rate"),
    ],
)
def test_what_means_something_else_is_refused(refusal, extra, part):
    assert part in refusal({"training": {**FLAT, **extra}})


@pytest.mark.parametrize(
    ("section", "part"),
    [
        ("normalization", "model.sanitizer"),
        ("tasks", "training.loss"),
        ("loss_balance", "one loss"),
        ("reweighting", "training.weights"),
        ("checkpoint", "model.transfer"),
        ("distributed", "local.gpus"),
        ("mlflow", "local.tracker"),
    ],
)
def test_sections_that_are_not_here_are_refused(refusal, section, part):
    assert part in refusal({section: {}})
