"""From settings to the tracks to train on, to validate with and to test on."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from trackdnn.data.reader import read_tracks
from trackdnn.data.sources import expand
from trackdnn.data.split import split_events
from trackdnn.errors import TrainingError

if TYPE_CHECKING:
    from trackdnn.data.report import ReadReport
    from trackdnn.data.tracks import Tracks
    from trackdnn.settings import Settings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Dataset:
    """Labelled tracks in three parts that share no event.

    Args:
        train: Tracks to train on.
        validation: Tracks to watch the training with.
        test: Tracks to judge by; `None` if neither test files nor a fraction is set.
        report: Counts of the reading of `data.samples`.
        test_report: Counts of the reading of `data.test_samples`, if there are any.
    """

    train: Tracks
    validation: Tracks
    test: Tracks | None
    report: ReadReport
    test_report: ReadReport | None = None


def load_dataset(settings: Settings, *, progress: bool = True) -> Dataset:
    """Reads and splits the tracks.

    With `data.test_samples`, those are the test part, and all events of `data.samples`
    serve training and validation.

    Args:
        settings: The whole tree.
        progress: Whether to show a progress bar on a terminal.

    Returns:
        The three parts and the reports.

    Raises:
        InputError: As `read_tracks`, or if a file is among both samples and test
            samples.
        NoTracksError: If a part is empty.
        TrainingError: If the training or the validation part holds one class only.
    """
    data = settings.data
    split = data.split
    if data.test_samples:
        # Raises when a file is in both; names must differ for that to show.
        marked = [
            s.model_copy(update={"name": f"test {s.name}"}) for s in data.test_samples
        ]
        expand([*data.samples, *marked])
        split = split.model_copy(update={"test": 0.0})
    tracks, report = read_tracks(data.samples, data, progress=progress)
    parts = split_events(tracks, split, settings.seed)
    _check_classes("training", parts.train)
    _check_classes("validation", parts.validation)
    test, test_report = parts.test, None
    if data.test_samples:
        test, test_report = read_tracks(data.test_samples, data, progress=progress)
    return Dataset(
        train=parts.train,
        validation=parts.validation,
        test=test,
        report=report,
        test_report=test_report,
    )


def _check_classes(name: str, tracks: Tracks) -> None:
    true = 0 if tracks.label is None else int(tracks.label.sum())
    if not 0 < true < len(tracks):
        raise TrainingError(
            f"The {name} part must hold true and fake tracks. Received: {true} true "
            f"and {len(tracks) - true} fake ones. Check the label branch "
            "(`data.label`), or give more events."
        )
