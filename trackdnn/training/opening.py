"""Opens a run folder to train in it: new, to go on in, or complete."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

from network.inputs import InputSpec
from trackdnn.training.begin import begin, is_begun, is_complete, stages_begun
from trackdnn.training.checkpoints.lock import run_lock
from trackdnn.training.fitting import fit_inputs
from trackdnn.training.run import check_new

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from network.presets import Preset
    from trackdnn.data.dataset import Dataset
    from trackdnn.settings import Settings
    from trackdnn.training.source import Source
    from trackdnn.training.team import Team


@dataclasses.dataclass(frozen=True, kw_only=True)
class Opened:
    """A run folder that is ready.

    Args:
        spec: Inputs of the network.
        complete: Whether there is nothing left to train.
        source: Weights that a new training starts from, if any; the chief has them.
    """

    spec: InputSpec
    complete: bool
    source: Source | None = None


@contextlib.contextmanager
def opened(
    folder: Path, settings: Settings, dataset: Dataset, preset: Preset, team: Team
) -> Iterator[Opened]:
    """A run folder that nobody else trains in meanwhile.

    Of several workers the chief opens it, and tells the others what it has found.

    Args:
        folder: The run folder.
        settings: The resolved settings.
        dataset: The tracks.
        preset: What the architecture asks for.
        team: The workers.

    Yields:
        What there is to train.

    Raises:
        RunError: If the folder holds another run, or another process trains in it.
        TrainingError: If the data cannot be trained on.
    """
    mine: list[Opened] = []
    with contextlib.ExitStack() as stack:

        def act() -> dict[str, Any]:
            mine.append(_open(stack, folder, settings, dataset, preset))
            found = mine[0]
            return {"spec": found.spec.to_json(), "complete": found.complete}

        heard = team.by_chief(act)
        if not mine:
            spec = InputSpec.from_json(heard["spec"])
            mine.append(Opened(spec=spec, complete=heard["complete"]))
        yield mine[0]


def _open(
    stack: contextlib.ExitStack,
    folder: Path,
    settings: Settings,
    dataset: Dataset,
    preset: Preset,
) -> Opened:
    spec = source = None
    if not is_begun(folder):
        check_new(folder)
        # Before anything is written: this is where data that cannot be used show.
        spec, source = fit_inputs(settings.model, preset, dataset.statistics)
    stack.enter_context(run_lock(folder))
    identity = None if dataset.identity is None else dataset.identity.tracks
    complete = is_complete(folder)
    spec = begin(folder, settings, identity, spec)
    left = not complete or stages_begun(folder) < len(settings.training)
    return Opened(spec=spec, complete=not left, source=source)
