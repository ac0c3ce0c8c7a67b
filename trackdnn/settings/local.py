"""Where and how a job runs."""

from __future__ import annotations

from typing import Any

from pydantic import AliasChoices, Field, model_validator

from trackdnn.settings.cluster import ClusterSettings
from trackdnn.settings.node import Count, Natural, Node, Positive
from trackdnn.settings.tracking import (
    Command,
    TrackerName,
    WandbSettings,
    with_tracker,
)


class LocalSettings(Node):
    """Where and how this job runs; never changes the network that results."""

    gpus: Natural = 0
    min_free_memory: Natural = 2000
    logical_devices: Count = 1
    memory_limit: Count | None = None
    cpu_threads: Natural = 0
    logical_cpus: Count = 1
    workers: Natural = 0
    prepared: str = "prepared"
    tracker: TrackerName = "none"
    wandb: WandbSettings = WandbSettings()
    on_finish: Command = ()
    on_finish_seconds: Positive = 600.0
    progress: bool = True
    checkpoints: Count = 2
    checkpoint_seconds: Positive = 600.0
    max_seconds: Positive | None = None
    max_epochs: Count | None = None
    cluster: ClusterSettings = Field(
        default=ClusterSettings(), validation_alias=AliasChoices("cluster", "condor")
    )

    @model_validator(mode="before")
    @classmethod
    def _accept_old_trackers(cls, content: Any) -> Any:
        return with_tracker(content)
