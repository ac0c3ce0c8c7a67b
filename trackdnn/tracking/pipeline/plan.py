"""What a training is of, so that an interrupted one goes on only with its own work."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.data.randomness import generator
from trackdnn.errors import BadFileError, InputError, OutputError
from trackdnn.tracking.pipeline.taking import check_kind, identity, with_parts_of
from trackdnn.tracking.pipeline.tuning import check_tuning

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trackdnn.events.source import EventSource
    from trackdnn.settings.finding import FindingSettings

FILE = "plan.json"


@dataclasses.dataclass(frozen=True)
class Plan:
    """A training before it has begun.

    Args:
        settings: The branch `finding`.
        seed: Of all random numbers.
        training: Events to learn from.
        validation: Events to choose cuts by.
        constructor: Folder of a trained constructor to take, `None` to train one.
        start: Folder of a finder whose constructor and filter to take, or `None`.
        network: Whether to take its network, too, so that only cuts are chosen.
    """

    settings: FindingSettings
    seed: int
    training: Sequence[EventSource]
    validation: Sequence[EventSource]
    constructor: Path | None = None
    start: Path | None = None
    network: bool = False

    def to_dict(self) -> dict[str, Any]:
        """All that the result depends on, as plain values."""
        return {
            "settings": self.settings.model_dump(mode="json"),
            "seed": self.seed,
            "constructor": identity(self.constructor),
            "start": identity(self.start),
            "network": self.network,
            "training": [_identity(source) for source in self.training],
            "validation": [_identity(source) for source in self.validation],
        }


def make_plan(
    settings: FindingSettings,
    sources: Sequence[EventSource],
    *,
    seed: int,
    validation: float,
    constructor: Path | None = None,
    start: Path | None = None,
    network: bool = False,
) -> Plan:
    """Draws the events to choose cuts by; at least one stays to learn from.

    Args:
        settings: The branch `finding`.
        sources: All events.
        seed: Of the drawing, and of all that follows.
        validation: Share of the events, 0 for none; else at least one where there are
            two.
        constructor: Folder of a trained constructor to take, `None` to train one.
        start: Folder of a finder whose constructor and filter to take, `None` to train
            them; the settings then take their blocks from it.
        network: Whether to take its network, too.

    Raises:
        InputError: If there are no events, the share is none, or the constructor is
            not of the kind of the settings.
        BadFileError: If the constructor or the finder is damaged.
        MissingExtraError: If the tuning needs what is not installed.
    """
    check_tuning(settings)
    if not sources:
        raise InputError(
            "A finder must have events to learn from. Received: none. Name folders, "
            "files or stores of events."
        )
    if not 0.0 <= validation < 1.0:
        raise InputError(
            "The share of events for validation must be at least 0 and below 1. "
            f"Received: {validation}."
        )
    if constructor is not None:
        check_kind(constructor, settings)
    if start is not None:
        settings = with_parts_of(start, settings, network=network)
    elif network:
        raise InputError(
            "--keep-network must come with --start. Received: no --start. Name the "
            "finder whose network to keep."
        )
    chosen = _drawn(len(sources), validation, seed)
    rows = range(len(sources))
    return Plan(
        settings,
        seed,
        [sources[row] for row in rows if row not in chosen],
        [sources[row] for row in rows if row in chosen],
        constructor,
        start,
        network,
    )


def _drawn(events: int, share: float, seed: int) -> set[int]:
    """Which events choose the cuts."""
    number = min(max(round(share * events), int(share > 0)), events - 1)
    order = generator(seed, "events for validation").permutation(events)
    return set(order[:number].tolist())


def begin(plan: Plan, folder: Path) -> bool:
    """Makes the working folder, or finds it from an interrupted training.

    Args:
        plan: The training.
        folder: Where it works.

    Returns:
        Whether there is work to go on with.

    Raises:
        OutputError: If the folder is of another training.
    """
    path = folder / FILE
    if not path.exists():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(_not_mine(folder))
        content = json.dumps(plan.to_dict(), indent=2, allow_nan=False)
        write_bytes(path, content.encode() + b"\n")
        return False
    try:
        same = json.loads(path.read_bytes()) == plan.to_dict()
    except ValueError as error:
        raise BadFileError(
            f"'{path}' must be JSON. Received: {error}. Remove '{folder}'."
        ) from error
    if not same:
        raise OutputError(_not_mine(folder))
    return True


def _not_mine(folder: Path) -> str:
    return (
        f"'{folder}' must be from an interrupted training of the same finder on the "
        "same events. Received: something else. Remove it, or name another output."
    )


def _identity(source: EventSource) -> list[Any]:
    """Name, and size and time of each file: what has changed is another event."""
    states = [(path.name, path.stat()) for path in source.files]
    return [source.name, *[[name, s.st_size, s.st_mtime_ns] for name, s in states]]
