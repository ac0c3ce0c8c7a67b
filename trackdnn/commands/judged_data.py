"""Tracks to judge variants of a network on, and others to calibrate on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.commands import console
from trackdnn.errors import InputError

if TYPE_CHECKING:
    from trackdnn.data.tracks import Tracks
    from trackdnn.settings import DataSettings

# Tracks that are judged, at most; see `evaluate`.
_MOST = 2_000_000
# Of ROOT files, one event in so many calibrates, and is not judged.
_CALIBRATION_SHARE = 10


@dataclasses.dataclass(frozen=True, kw_only=True)
class Data:
    """Tracks to judge on, and others to calibrate on."""

    judged: Tracks
    calibration: Tracks


def read_data(source: Path, data: Sequence[str], *, progress: bool) -> Data:
    """The tracks of a prepared dataset or of ROOT files, apart by event.

    Args:
        source: A run, whose settings tell how to read ROOT files; or a bundle.
        data: ROOT files, or one prepared dataset.
        progress: Whether to show a progress bar on a terminal.

    Raises:
        InputError: If the data cannot be read, or not be parted.
    """
    from trackdnn.data.prepared.manifest import is_prepared
    from trackdnn.data.reader import read_tracks
    from trackdnn.settings import Sample

    if not all(data):
        raise InputError("`--data` must name a dataset or files. Received: nothing")
    folder = Path(data[0]).expanduser()
    if len(data) == 1 and is_prepared(folder):
        return _prepared(folder)
    sample = Sample(name="given", files=tuple(data))
    tracks, report = read_tracks([sample], _data_settings(source), progress=progress)
    console.say(report.lines())
    # In the order of their keys: the same files give the same parts.
    events = np.unique(tracks.event)
    if len(events) < 2:
        raise InputError(
            "The data must have two events or more, one to calibrate on and others "
            f"to judge on. Received: {len(tracks):,} tracks of one event"
        )
    chosen = np.isin(tracks.event, events[::_CALIBRATION_SHARE])
    return Data(judged=tracks.take(~chosen), calibration=tracks.take(chosen))


def _prepared(folder: Path) -> Data:
    from export.variants.calibration import MAX_ROWS
    from trackdnn.data.prepared.dataset import open_dataset

    dataset = open_dataset(folder)
    test, train = dataset.part("test"), dataset.part("train")
    if test is None or train is None:
        raise InputError(
            "A prepared dataset must have a test part to judge on, and a training "
            f"part to calibrate on. Received: '{folder}' without. Name ROOT files, "
            "or prepare them with data.split.test above 0."
        )
    return Data(judged=test.tracks(most=_MOST), calibration=train.tracks(most=MAX_ROWS))


def _data_settings(source: Path) -> DataSettings:
    """How the run read its files; the defaults, for a bundle alone."""
    from trackdnn.configuration import read_content, validate
    from trackdnn.settings import Settings

    path = source / "settings.yaml"
    if not path.is_file():
        return Settings().data
    return validate(read_content(path), source=str(path)).data
