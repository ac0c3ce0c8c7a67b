"""`evaluate`: what a run is worth, on its own test events or on other files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.commands import console
from trackdnn.commands.overrides import overridden
from trackdnn.commands.quiet import start_tensorflow
from trackdnn.errors import InputError, SettingsError
from trackdnn.settings import Sample, Settings

if TYPE_CHECKING:
    from trackdnn.data.dataset import Dataset
    from trackdnn.data.tracks import Tracks
    from trackdnn.evaluation.result import Evaluation
    from trackdnn.training.run import Run


def run(
    folder: Path,
    data: Sequence[str],
    overrides: Sequence[str],
    output: Path | None,
    *,
    quiet: bool,
) -> None:
    """Measure a run and print its tables."""
    from trackdnn.training.run import check_run, load_run

    check_run(folder)
    start_tensorflow()
    trained = load_run(folder)
    settings = overridden(trained.settings, overrides, only=("evaluation",))
    progress = not quiet
    train, test = _parts(settings, data, progress)
    found = _measure(trained, train, test, settings, output or folder / "evaluation")
    _show(found)


def judge(
    trained: Run, dataset: Dataset, settings: Settings, output: Path
) -> Evaluation | None:
    """Measure a run that has just been trained; `None` without test events."""
    if dataset.test is None:
        console.say(["no test events: data.split.test is 0 and there are no files"])
        return None
    found = _measure(trained, dataset.train, dataset.test, settings, output)
    _show(found)
    return found


def _parts(
    settings: Settings, data: Sequence[str], progress: bool
) -> tuple[Tracks | None, Tracks]:
    """Tracks of the training, if their files are still there, and of the test."""
    from trackdnn.data.dataset import load_dataset
    from trackdnn.data.reader import read_tracks

    if not data:
        dataset = load_dataset(settings, progress=progress)
        if dataset.test is None:
            raise SettingsError(
                "The run kept no test events (data.split.test is 0, and no "
                "data.test_samples). Name ROOT files after the run."
            )
        return dataset.train, dataset.test
    sample = Sample(name="given", files=tuple(data))
    tracks, report = read_tracks([sample], settings.data, progress=progress)
    console.say(report.lines())
    try:
        train = load_dataset(settings, progress=progress).train
    except InputError as error:
        console.say([f"no baseline: the training files cannot be read: {error}"])
        return None, tracks
    return train, tracks


def _measure(
    trained: Run, train: Tracks | None, test: Tracks, settings: Settings, output: Path
) -> Evaluation:
    from trackdnn.evaluation.evaluate import evaluate
    from trackdnn.training.prediction import predict

    history = trained.folder / "history.csv"
    return evaluate(
        lambda tracks: predict(trained.model, tracks),
        test,
        settings.evaluation,
        output,
        baseline_train=train,
        seed=settings.seed,
        history=history if history.is_file() else None,
        progress=settings.local.progress,
        title=settings.model.architecture,
    )


def _show(found: Evaluation) -> None:
    for table in found.tables():
        console.out().print(table)
    console.say([*found.notes, f"evaluation: {found.folder}"])
