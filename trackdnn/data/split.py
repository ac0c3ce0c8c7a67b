"""Splits tracks by event: all tracks of an event fall into the same part.

The part follows from the event's key and the seed alone. So events stay where they are
when files are added, and no event is ever in two parts.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.data.hashing import uniform
from trackdnn.errors import NoTracksError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.data.tracks import Tracks
    from trackdnn.settings import Split


@dataclasses.dataclass(frozen=True)
class Parts:
    """The tracks to train on, to watch the training with, and to judge by."""

    train: Tracks
    validation: Tracks
    test: Tracks | None


def split_events(tracks: Tracks, split: Split, seed: int) -> Parts:
    """Splits the events at random.

    Args:
        tracks: All tracks.
        split: Fractions of the events for validation and test.
        seed: Another seed gives another split.

    Returns:
        The parts; `test` is `None` if its fraction is 0. Tracks keep their order.

    Raises:
        NoTracksError: If a part holds no track.
    """
    place = uniform(tracks.event, seed)
    validation = place < split.validation
    test = ~validation & (place < split.validation + split.test)
    masks = {"train": ~(validation | test), "validation": validation}
    if split.test:
        masks["test"] = test
    fractions = {**split.model_dump(), "train": 1.0 - split.validation - split.test}
    events = len(np.unique(tracks.event))
    for name, mask in masks.items():
        _check_part(name, mask, fractions[name], events)
    return Parts(
        train=tracks.take(masks["train"]),
        validation=tracks.take(validation),
        test=tracks.take(test) if split.test else None,
    )


def _check_part(
    name: str, mask: NDArray[np.bool_], fraction: float, events: int
) -> None:
    if not mask.any():
        raise NoTracksError(
            f"The {name} part must hold at least one event. Received: fraction="
            f"{fraction:.4g} of {events} events with tracks. Give more events, or "
            "change `data.split`."
        )
