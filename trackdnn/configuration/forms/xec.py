"""XEC's names (`weiyuanli-icepp/xec-ml-wl`, docs/training/ml-techniques)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from trackdnn.configuration.forms.dingo import begin_as_pytorch, share

if TYPE_CHECKING:
    from trackdnn.configuration.forms.place import Place

TOP = {
    "normalization": "inputs are scaled as model.sanitizer says",
    "tasks": "the network has one output; write training.loss and training.weights",
    "loss_balance": "the network has one output, and one loss",
    "reweighting": "write training.weights",
    "checkpoint": "`train --run-dir RUN` goes on by itself; to begin with other "
    "weights, write model.transfer",
    "distributed": "write local.gpus",
    "mlflow": "write local.tracker, or read history.jsonl of the run",
}
STAGE = {
    "amp": "their guide says float16 and their code bfloat16. Write model.precision: "
    "mixed_bfloat16, mixed_float16 or float32",
    "channel_dropout_rate": "write model.options.dropout, or category_dropout",
    **dict.fromkeys(
        ("profile", "compile", "compile_fullgraph"), "steps are always compiled"
    ),
}
# What a file of theirs holds for schedules, whichever of them is named.
_KEYS = (
    *("warmup_epochs", "lr_min", "lr_patience", "lr_factor", "max_lr", "pct_start"),
    *("lr_restart_period", "lr_restart_mult"),
)
_LR_MIN = 1e-6


def translate_stage(stage: Place) -> None:
    """Exchanges XEC's names in a stage for ours."""
    stage.refuse(STAGE)
    stage.move("ema_decay", "ema", lambda value: 0.0 if value is None else value)
    stage.move("grad_clip", "clip", lambda value: value or None)
    names = [name for name in ("lr_scheduler", "scheduler") if name in stage]
    for name in names:
        stage.put(name, "schedule", _schedule(stage, name))
    if names:
        begin_as_pytorch(stage)
    else:
        stage.refuse(dict.fromkeys(_KEYS, "it belongs to lr_scheduler, which is none"))


def translate_accumulation(stage: Place) -> None:
    """Micro-batches that are added up become parts of a batch.

    `batch_size` is that of a micro-batch there, and that of an update here.
    """
    for name in ("grad_accum_steps", "gradient_updates_per_optimizer_step"):
        if name not in stage:
            continue
        count = stage.count(name)
        if count > 1:
            size = stage.content.get("batch_size")
            if isinstance(size, bool) or not isinstance(size, int):
                raise stage.error(name, "needs a whole number as batch_size", size)
            stage.content["batch_size"] = size * count
        stage.put(name, "accumulate", count)


def _schedule(stage: Place, name: str) -> dict[str, Any]:
    kind = stage.take(name)
    kinds: dict[Any, tuple[Callable[[Place], dict[str, Any]], tuple[str, ...]]] = {
        "cosine": (_cosine, ("warmup_epochs", "lr_min")),
        "plateau": (_plateau, ("lr_patience", "lr_factor", "lr_min")),
        "cosine_restarts": (
            _restarts,
            ("lr_restart_period", "lr_restart_mult", "lr_min"),
        ),
        "none": (_constant, ()),
        None: (_constant, ()),
    }
    if kind == "onecycle":
        raise stage.error(
            name,
            "must be written as training.schedule, since their guide and their code "
            "differ: {kind: one_cycle, start: lr / max_lr} with learning_rate: max_lr, "
            "or {kind: one_cycle, form: cosine, per: epoch}",
            kind,
        )
    if not isinstance(kind, str | None) or kind not in kinds:
        names = ", ".join(str(one) for one in kinds if one)
        raise stage.error(name, f"must be one of {names}", kind)
    make, known = kinds[kind]
    reads = ", ".join(known) or "none of these"
    left = [one for one in _KEYS if one not in known]
    stage.refuse(dict.fromkeys(left, f"{name}: {kind} reads {reads}"))
    return make(stage)


def _final(stage: Place) -> float:
    return share(stage, stage.number("lr_min", _LR_MIN), stage, "lr_min")


def _cosine(stage: Place) -> dict[str, Any]:
    if "warmup_epochs" in stage:
        epochs = stage.number("warmup_epochs")
        if epochs != int(epochs):
            raise stage.error("warmup_epochs", "must be a whole number", epochs)
        stage.put("warmup_epochs", "warmup", int(epochs))
    return {"kind": "cosine", "per": "epoch", "final": _final(stage)}


def _plateau(stage: Place) -> dict[str, Any]:
    return {
        "kind": "plateau",
        "per": "epoch",
        "factor": stage.number("lr_factor", 0.5),
        # PyTorch's waits for one epoch more.
        "patience": stage.number("lr_patience", 5) + 1,
        "final": _final(stage),
    }


def _restarts(stage: Place) -> dict[str, Any]:
    return {
        "kind": "cosine_restarts",
        "per": "epoch",
        "period": stage.number("lr_restart_period", 10),
        "multiplier": stage.number("lr_restart_mult", 2),
        "final": _final(stage),
    }


def _constant(stage: Place) -> dict[str, Any]:
    return {"kind": "constant"}
