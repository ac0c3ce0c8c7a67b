"""Dingo's names (`dingo-gw/dingo`, docs/source/training.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trackdnn.configuration.forms.optimizers import rate_of
from trackdnn.configuration.wording import short
from trackdnn.errors import SettingsError

if TYPE_CHECKING:
    from trackdnn.configuration.forms.place import Place

_STAGE = re.compile(r"stage_\d+")
_WAVES = "it is about gravitational waves, and here are tracks"
_NETWORK = "networks are named by model.architecture, with model.options"
DATA = {
    "waveform_dataset_path": f"{_WAVES}. Write data.samples, or data.prepared",
    "train_fraction": "write data.split.validation, the share that is not trained on "
    "(Dingo's test part), and data.split.test, which no training sees",
    **dict.fromkeys(
        (
            *("window", "domain_update", "svd_size_update", "detectors", "ref_time"),
            *("extrinsic_prior", "gnpe_time_shifts", "inference_parameters"),
        ),
        _WAVES,
    ),
}
MODEL = dict.fromkeys(
    (
        *("type", "nsf_kwargs", "embedding_net_kwargs", "posterior_model_type"),
        *("posterior_kwargs", "embedding_kwargs"),
    ),
    _NETWORK,
)
STAGE = {
    "asd_dataset_path": f"{_WAVES}. What differs between stages is training.sampling",
    "automatic_mixed_precision": "write model.precision: mixed_bfloat16",
}
LOCAL = {
    "checkpoint_epochs": "a checkpoint is written after each epoch; local.checkpoints "
    "says how many are kept, and that of the end of each stage always is",
    "leave_waveforms_on_disk": "data that are larger than training.shuffle.buffer are "
    "streamed from the disk",
    "local_cache_path": "write local.prepared, where datasets are prepared",
    "test_only": "use `evaluate RUN`",
}
_PLATEAU = ("factor", "patience", "threshold", "cooldown", "min_lr")


def as_stages(training: Mapping[str, Any], source: str) -> list[tuple[str, Any]]:
    """The stages of a mapping, with their names, in the order of their numbers.

    `stage_0`, `stage_1`, … name stages; a mapping of anything else is one stage.

    Raises:
        SettingsError: If a number is missing, or something else is among them.
    """
    found = [name for name in training if _STAGE.fullmatch(name)]
    if not found:
        return [("training", training)]
    expected = [f"stage_{number}" for number in range(len(training))]
    if set(training) != set(expected):
        raise SettingsError(
            f"{source}: 'training' must hold stage_0, stage_1 and so on without a gap, "
            f"and nothing else. Received: {short(list(training))}"
        )
    return [(f"training.{name}", training[name]) for name in expected]


def translate_stage(stage: Place) -> None:
    """Exchanges Dingo's names in a stage for ours."""
    stage.refuse(STAGE)
    if "freeze_rb_layer" in stage and (frozen := stage.take("freeze_rb_layer")):
        raise stage.error(
            "freeze_rb_layer",
            "must be left out: no layer is seeded with a reduced basis here. Write "
            "freeze: [PATTERN OF LAYERS]",
            frozen,
        )
    if isinstance(stage.content.get("scheduler"), Mapping):
        scheduler = stage.branch("scheduler")
        stage.put("scheduler", "schedule", _schedule(stage, scheduler))
        begin_as_pytorch(stage)
    early = stage.content.get("early_stopping")
    if isinstance(early, Mapping) and {"metric", "delta", "verbose"} & set(early):
        stage.content["early_stopping"] = _early_stopping(stage)


def begin_as_pytorch(stage: Place) -> None:
    """Where a stage with a schedule of theirs is silent, it has what they have."""
    stage.content.setdefault("warmup", 0.0)
    stage.content.setdefault("early_stopping", None)


def share(stage: Place, rate: float, place: Place, name: str) -> float:
    """A learning rate as a share of that of the stage.

    Raises:
        SettingsError: If that of the stage is no number to divide by.
    """
    whole = rate_of(stage)
    if isinstance(whole, bool) or not isinstance(whole, int | float) or whole <= 0:
        raise place.error(name, "needs a learning rate of the stage, above 0", whole)
    return rate / whole


def _schedule(stage: Place, scheduler: Place) -> dict[str, Any]:
    kind = scheduler.take("type")
    kinds = {"cosine": _cosine, "step": _step, "reduce_on_plateau": _plateau}
    if not isinstance(kind, str) or kind not in kinds:
        raise scheduler.error(
            "type",
            f"must be one of {', '.join(kinds)}. For others, write training.schedule",
            kind,
        )
    schedule, known = kinds[kind](stage, scheduler)
    scheduler.finish(kind, known)
    return schedule


def _cosine(stage: Place, scheduler: Place) -> tuple[dict[str, Any], tuple[str, ...]]:
    length = scheduler.number("T_max")
    epochs = stage.content.get("epochs", 20)
    if length != epochs:
        raise scheduler.error(
            "T_max",
            f"must be the epochs of the stage, {short(epochs)}: a cosine ends with its "
            "stage here. Split the stage, or write training.schedule",
            length,
        )
    final = share(stage, scheduler.number("eta_min", 0.0), scheduler, "eta_min")
    return {"kind": "cosine", "per": "epoch", "final": final}, ("T_max", "eta_min")


def _step(stage: Place, scheduler: Place) -> tuple[dict[str, Any], tuple[str, ...]]:
    every, factor = scheduler.count("step_size"), scheduler.number("gamma", 0.1)
    schedule = {"kind": "step", "per": "epoch", "every": every, "factor": factor}
    return schedule, ("step_size", "gamma")


def _plateau(stage: Place, scheduler: Place) -> tuple[dict[str, Any], tuple[str, ...]]:
    schedule = {
        "kind": "plateau",
        "per": "epoch",
        "factor": scheduler.number("factor", 0.1),
        # PyTorch's waits for one epoch more.
        "patience": scheduler.number("patience", 10) + 1,
        "threshold": scheduler.number("threshold", 1e-4),
        "cooldown": scheduler.number("cooldown", 0),
        "final": share(stage, scheduler.number("min_lr", 0.0), scheduler, "min_lr"),
    }
    return schedule, _PLATEAU


def _early_stopping(stage: Place) -> dict[str, Any]:
    early = stage.branch("early_stopping")
    metric = early.take("metric", "validation")
    if metric != "validation":
        raise early.error("metric", "must be validation: that is monitored", metric)
    if delta := early.take("delta", 0.0):
        raise early.error("delta", "must be 0: any improvement counts", delta)
    early.refuse({"verbose": "the history tells every epoch"})
    return {"monitor": "val_loss", "patience": early.take("patience", 5)} | (
        early.content
    )


def translate_local(local: Place) -> None:
    """Exchanges Dingo's names in the branch `local` for ours."""
    local.refuse(LOCAL)
    if "device" in local:
        device = local.take("device")
        if device not in ("cpu", "cuda"):
            raise local.error(
                "device", "must be cpu or cuda; local.gpus says how many", device
            )
        local.put("device", "gpus", 1 if device == "cuda" else 0)
    if "num_workers" in local:
        # None of theirs is the process itself, which is one of ours.
        workers = local.number("num_workers")
        local.put("num_workers", "workers", max(workers, 1))
    if "runtime_limits" in local:
        limits = local.branch("runtime_limits")
        names = {
            "max_time_per_run": "max_seconds",
            "max_epochs_per_run": "max_epochs",
        }
        for old, new in names.items():
            if old in limits:
                local.put(f"runtime_limits.{old}", new, limits.take(old))
        limits.finish("a limit", tuple(names))
