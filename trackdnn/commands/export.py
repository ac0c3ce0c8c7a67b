"""`export`: a verified bundle of a run."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackdnn.commands import console
from trackdnn.commands.overrides import overridden
from trackdnn.commands.quiet import start_tensorflow
from trackdnn.errors import InputError
from trackdnn.version import __version__

if TYPE_CHECKING:
    from rich.table import Table

    from export.manifest import Bundle
    from trackdnn.data.dataset import Dataset
    from trackdnn.data.tracks import Tracks
    from trackdnn.settings import Settings
    from trackdnn.training.run import Run

# Training tracks that the artifacts are compared on, at most.
COMPARED = 1_000_000


def run(
    folder: Path,
    to: Path | None,
    overrides: Sequence[str],
    *,
    quiet: bool,
    target: str | None = None,
    static_batch: str | None = None,
) -> None:
    """Export a run and print the bundle's path and parity figures."""
    from export.target_rules import require_options
    from trackdnn.training.run import check_run, load_run

    check_run(folder)
    overrides = [*overrides, *([f"export.target={target}"] if target else [])]
    if static_batch is not None:
        overrides = [*overrides, f"export.static_batches=[{_sizes(static_batch)}]"]
    start_tensorflow()
    trained = load_run(folder)
    settings = overridden(trained.settings, overrides, only=("export",))
    require_options(settings.export)
    sample = _some_tracks(trained, settings, progress=not quiet)
    bundle = leave(trained, sample, to or folder / "bundle", settings)
    console.out().print(summary(bundle))


def _sizes(text: str) -> str:
    """Batch sizes as they are typed, `1,16`, if they are numbers at all."""
    if not re.fullmatch(r"\s*\d+\s*(,\s*\d+\s*)*", text):
        raise InputError(
            "`--static-batch` must be batch sizes with commas between them, such as "
            f"1,16. Received: {text!r}"
        )
    return text


def leave(
    trained: Run, sample: Tracks | None, folder: Path, settings: Settings | None = None
) -> Bundle:
    """Write and prove the bundle of a run.

    Args:
        trained: The run.
        sample: Real tracks to compare the artifacts on.
        folder: Where the bundle goes.
        settings: Other settings than the run's own.
    """
    from export.exporter import ModelExporter

    settings = settings or trained.settings
    exporter = ModelExporter(settings.export)
    pair = None if sample is None else (sample.features, sample.category)
    return exporter.export(
        trained.model, trained.spec, folder, sample=pair, details=_details(trained)
    )


def summary(bundle: Bundle) -> Table:
    """Path, AUC and parity figures of a bundle."""
    rows = {"bundle": str(bundle.folder), "target": bundle.manifest["target"]}
    evaluation = bundle.manifest["evaluation"]
    if "auc" in evaluation:
        rows["AUC"] = f"{evaluation['auc']:.4f} on {evaluation['tracks']:,} test tracks"
    for name, figures in bundle.manifest["parity"]["artifacts"].items():
        rows[f"max |Δ| {name.replace('_', ' ')}"] = f"{figures['max_difference']:.1e}"
    return console.facts("", rows)


def some_of(dataset: Dataset) -> Tracks:
    """Training tracks to compare the artifacts on: all, unless there are too many."""
    return dataset.train.tracks(most=COMPARED)


def _some_tracks(trained: Run, settings: Settings, *, progress: bool) -> Tracks | None:
    """Some of the run's training tracks, or none where its files are gone."""
    from trackdnn.data.dataset import load_dataset
    from trackdnn.training.run import check_dataset

    try:
        dataset = load_dataset(settings, progress=progress, say=console.say)
        check_dataset(trained, dataset)
        return some_of(dataset)
    except InputError as error:
        console.say([f"compared on generated tracks only: {error}"])
        return None


def _details(trained: Run) -> dict[str, Any]:
    """What manifest and model card tell beside the network."""
    details: dict[str, Any] = {
        "training": trained.summary,
        "fingerprint": trained.summary.get(
            "fingerprint", trained.settings.fingerprint()
        ),
        "versions": {"trackdnn": __version__},
    }
    folder = trained.folder / "evaluation"
    report, points = folder / "evaluation.json", folder / "working_points.json"
    if report.is_file() and points.is_file():
        details["evaluation"] = _figures(json.loads(report.read_text("utf-8")))
        details["working_points"] = json.loads(points.read_text("utf-8"))
    cuts = folder / "cmssw_cuts.py"
    if cuts.is_file():
        details["cmssw_cuts"] = cuts.read_text("utf-8")
    return details


def _figures(content: dict[str, Any]) -> dict[str, Any]:
    """The few figures of an evaluation that travel with a bundle."""
    overall = content["classifiers"]["network"]["overall"]
    return {**content["sample"], **overall}
