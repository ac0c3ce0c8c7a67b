"""`train-voxdyn`: cells, and how often tracks connect them, from events with truth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.commands import console
from trackdnn.commands.overrides import content_of
from trackdnn.configuration import settle
from trackdnn.errors import InputError

if TYPE_CHECKING:
    from trackdnn.settings import Settings


def run(
    places: Sequence[Path],
    output: Path,
    *,
    shard: str,
    cells: Path | None,
    merge: bool,
    config: Path | None,
    overrides: Sequence[str],
    quiet: bool,
) -> None:
    """Train or merge, and print what is in the folder."""
    part = _shard(shard)
    if merge:
        _check_merge(config, overrides, cells, part)
        from trackdnn.graphs.voxel_dynamics import job

        job.merge(places, output)
    else:
        content, name = content_of(config)
        settings = settle(content, overrides, name)
        _train(places, output, part, cells, settings, quiet=quiet)
    _report(output)


def _train(
    places: Sequence[Path],
    output: Path,
    part: tuple[int, int],
    cells: Path | None,
    settings: Settings,
    *,
    quiet: bool,
) -> None:
    from trackdnn.events.open import open_events
    from trackdnn.events.views import View
    from trackdnn.graphs.voxel_dynamics.job import Job, run_job

    sources = open_events(places)
    if part[1] > len(sources):
        raise InputError(
            "--shard K/N must leave each shard an event. Received: "
            f"{part[0]}/{part[1]} of {len(sources)} events. Make fewer shards."
        )
    job = Job(
        settings=settings.finding.voxel_dynamics,
        view=View(settings.finding.view, "training"),
        seed=settings.seed,
        shard=part,
        cells=cells,
    )
    run_job(job, sources, output, progress=not quiet and settings.local.progress)


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d{0,5})/([1-9]\d{0,5})", text)
    if not found or int(found[1]) > int(found[2]):
        raise InputError(
            "--shard must be K/N, the K-th of N shards from 1. Received: "
            f"{text!r}. Write for example --shard 1/4."
        )
    return int(found[1]), int(found[2])


def _check_merge(
    config: Path | None,
    overrides: Sequence[str],
    cells: Path | None,
    part: tuple[int, int],
) -> None:
    given = {
        "--config": config is not None,
        "--set": bool(overrides),
        "--cells": cells is not None,
        "--shard": part != (1, 1),
    }
    for option, there in given.items():
        if there:
            raise InputError(
                f"--merge adds up what was counted. Received: {option}, which decides "
                "about the counting. Leave it out."
            )


def _report(folder: Path) -> None:
    from trackdnn.graphs.voxel_dynamics.files import read_manifest

    found = read_manifest(folder)
    names = ("events", "hits", "cells", "links", "pairs")
    rows = {name: f"{found[name]:,}" for name in names}
    console.messages().print(console.facts("Voxel-Dynamics", rows))
    console.out().print(str(folder), soft_wrap=True)
