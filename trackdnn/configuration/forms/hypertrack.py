"""Names of HyperTrack's command line (`mieskolainen/hypertrack`, src/trackml_train)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trackdnn.configuration.forms.dingo import begin_as_pytorch
from trackdnn.configuration.forms.optimizers import optimizer_of

if TYPE_CHECKING:
    from trackdnn.configuration.forms.place import Place

_GRAPH = "it is about a network of hits, and here are tracks"
_TRANSFER = "write model.transfer, the run folder to begin with"
STAGE = {
    "auc_threshold": "write gates: [{layers: [PATTERN], threshold: …}], which says "
    "what is held back",
    "soft_reset": "a stage begins with a new optimizer, and model.transfer too; for "
    "what a gate lets in, write gates: [{…, reset: soft}]",
    "transfer_tag": _TRANSFER,
    "save_tag": "name the folder with --run-dir",
    "fp_dtype": "write model.precision: float32, mixed_bfloat16 or mixed_float16",
    **dict.fromkeys(
        (
            *("rfactor_start", "rfactor_end", "noise_ratio", "node2node", "ncell"),
            *("edge_threshold", "learning_rate_pdf"),
        ),
        _GRAPH,
    ),
}
MODEL = {"transfer_tag": _TRANSFER, "fp_dtype": STAGE["fp_dtype"]}
_PERIOD = 10_000


def translate_stage(stage: Place) -> None:
    """Exchanges HyperTrack's names in a stage for ours."""
    stage.refuse(STAGE)
    stage.move("max_grad_norm", "clip")
    if {"weight_decay_w", "weight_decay_b", "epsilon"} & set(stage.content):
        _translate_optimizer(stage)
    if "scheduler_type" in stage:
        stage.put("scheduler_type", "schedule", _schedule(stage))
        begin_as_pytorch(stage)
    stage.refuse({"scheduler_period": "it belongs to scheduler_type: warm-cos"})


def _translate_optimizer(stage: Place) -> None:
    optimizer = optimizer_of(stage)
    if decay := stage.take("weight_decay_b"):
        raise stage.error(
            "weight_decay_b",
            "must be 0: offsets do not decay. Write optimizer.no_decay: [] if they "
            "should",
            decay,
        )
    if "weight_decay_w" in stage:
        decay = stage.take("weight_decay_w")
        if "weight_decay" in stage or "weight_decay" in optimizer:
            raise stage.error("weight_decay_w", "must stand alone", decay)
        optimizer["weight_decay"] = decay
    if "epsilon" in stage:
        optimizer["options"] = _with_epsilon(stage, optimizer.get("options", {}))
    stage.content["optimizer"] = optimizer


def _with_epsilon(stage: Place, options: Any) -> dict[str, Any]:
    epsilon = stage.take("epsilon")
    if not isinstance(options, Mapping) or "epsilon" in options:
        raise stage.error("epsilon", "must stand alone, without options", epsilon)
    return {**options, "epsilon": epsilon}


def _schedule(stage: Place) -> dict[str, Any]:
    kind = stage.take("scheduler_type")
    kinds: dict[str, dict[str, Any]] = {
        "warm-cos": {"kind": "cosine_restarts", "period": _PERIOD, "final": 0.1},
        "exp": {"kind": "exponential", "factor": 1 - 1e-5, "every": 1},
        "step": {"kind": "step", "factor": 0.9, "every": 1000},
        "constant": {"kind": "constant"},
    }
    if not isinstance(kind, str) or kind not in kinds:
        raise stage.error(
            "scheduler_type",
            f"must be one of {', '.join(kinds)}. For others, write training.schedule",
            kind,
        )
    schedule = kinds[kind]
    if kind == "warm-cos" and "scheduler_period" in stage:
        schedule["period"] = stage.number("scheduler_period")
    return schedule


def translate_local(local: Place) -> None:
    """Exchanges HyperTrack's names in the branch `local` for ours."""
    local.move("save_period", "checkpoint_seconds")
