"""Which events train, which validate, which test.

The part follows from the event's name and the seed alone: events stay where they are
when others join them, and those of one name are in one part wherever they lie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from trackdnn.data.hashing import text_key
from trackdnn.data.split import part_masks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackdnn.events.source import EventSource
    from trackdnn.settings import Split

Source = TypeVar("Source", bound="EventSource")


def split_sources(sources: Sequence[Source], split: Split) -> dict[str, list[Source]]:
    """The events of each part, in their order.

    Args:
        sources: Events, none of which is read.
        split: Fractions for validation and test, and the seed.

    Returns:
        Events for `"train"`, `"validation"` and `"test"`; each event is in one of them.
    """
    keys = np.array([text_key(source.name) for source in sources], dtype=np.uint64)
    masks = part_masks(keys, split)
    return {
        part: [one for one, mine in zip(sources, mask, strict=True) if mine]
        for part, mask in masks.items()
    }
