"""From `local.tracker` to a tracker."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from trackdnn.errors import MissingExtraError
from trackdnn.training.begin import EVENTS
from trackdnn.training.trackers.tensorboard import TensorBoardTracker
from trackdnn.training.trackers.wandb import WandbTracker

if TYPE_CHECKING:
    from pathlib import Path

    from trackdnn.settings import LocalSettings
    from trackdnn.training.trackers.tracker import Tracker

_NAMES = {"tensorboard": "TensorBoard", "wandb": "Weights & Biases"}


def check_tracker(local: LocalSettings) -> None:
    """Makes sure that what the tracker needs is installed.

    Raises:
        MissingExtraError: If it is not.
    """
    name = local.tracker
    if name != "none" and not _is_installed(name):
        raise MissingExtraError(
            f"local.tracker='{name}' needs {_NAMES[name]}, which is not installed. "
            f"Install it with pip install 'trackdnn[{name}]', or set "
            "local.tracker=none."
        )


def make_tracker(local: LocalSettings, folder: Path) -> Tracker | None:
    """The tracker of a run.

    Args:
        local: Names it.
        folder: The run folder.

    Returns:
        The tracker; `None` if there is to be none.
    """
    if local.tracker == "tensorboard":
        return TensorBoardTracker(folder / EVENTS)
    if local.tracker == "wandb":
        return WandbTracker(folder, local.wandb)
    return None


def _is_installed(name: str) -> bool:
    found = importlib.util.find_spec(name)
    # A folder of that name, as Weights & Biases leave them, is a package to Python too.
    return found is not None and found.origin is not None
