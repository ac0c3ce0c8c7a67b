"""What a run says of itself: counts, figures, versions, and its fingerprint."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import platform
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from trackdnn.data.batches.parts import as_part
from trackdnn.version import __version__

if TYPE_CHECKING:
    from trackdnn.data.batches.parts import Part
    from trackdnn.data.dataset import Dataset
    from trackdnn.data.tracks import Tracks
    from trackdnn.settings import Settings
    from trackdnn.training.result import TrainingResult
    from trackdnn.training.sampled import Sampled


def fingerprint(settings: Settings, dataset: Dataset) -> str:
    """SHA-256 of all that decides the network: the settings, and the tracks if known.

    Where a dataset lies does not matter to it, what it holds does.
    """
    content = settings.fingerprint()
    if dataset.identity is None:
        return content
    text = f"{content} {dataset.identity.tracks}"
    return hashlib.sha256(text.encode()).hexdigest()


def summarize(
    settings: Settings,
    dataset: Dataset,
    sampled: Sampled,
    result: TrainingResult,
    squeezed: list[str],
) -> dict[str, Any]:
    """What a run's `summary.json` holds: plain values for people and programs."""
    best, last = result.best, result.history[-1]
    parts = {"training": dataset.train, "validation": dataset.validation}
    if dataset.test is not None:
        parts["test"] = dataset.test
    return {
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "architecture": settings.model.architecture,
        "parameters": int(result.model.count_params()),
        "seed": settings.seed,
        "fingerprint": fingerprint(settings, dataset),
        "tracks": {name: _count(part) for name, part in parts.items()},
        "sampling": _sampling(sampled),
        "epochs": result.epochs,
        "best_epoch": result.best_epoch,
        "monitor": result.monitor,
        "stopped_early": result.stopped_early,
        "loss": best.loss,
        "val_loss": best.val_loss,
        "val_auc": best.val_auc,
        "seconds": round(result.seconds, 2),
        # The first epoch holds the compilation.
        "tracks_per_second": round(last.tracks_per_second),
        "stall_seconds": round(result.stall, 3),
        "squeezed_inputs": squeezed,
        "dataset": dataset.identity and dataclasses.asdict(dataset.identity),
        "data": dataset.report.to_dict(),
        "versions": _versions(),
    }


def _sampling(sampled: Sampled) -> dict[str, Any]:
    return {
        "tracks": len(sampled),
        "distinct": sampled.plan.distinct,
        "effective": sampled.rule.effective.to_dict(),
    }


def _versions() -> dict[str, str]:
    return {
        "trackdnn": __version__,
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _count(data: Tracks | Part) -> dict[str, int]:
    part = as_part(data)
    true = int(np.count_nonzero(part.column("label")))
    return {"tracks": len(part), "true": true, "fake": len(part) - true}
