"""Events of a training, some of them seen in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackdnn.data.randomness import generator
from trackdnn.events.views import View

if TYPE_CHECKING:
    from trackdnn.settings.finding import FindingSettings


def views_of(
    settings: FindingSettings, events: int, seed: int, *, validation: bool = False
) -> list[View]:
    """A view for each event: that of `finding.view`, or that of `finding.partial`.

    Args:
        settings: The branch `finding`.
        events: Number of events; whether one is seen in part depends on its number and
            the seed alone, not on how many there are.
        seed: Of the draws.
        validation: Whether the events are those of the validation, drawn apart.
    """
    partial = settings.partial
    fields = partial.model_dump(exclude={"share"})
    whole = View(settings.view, "training")
    part = View(settings.view.model_copy(update=fields), "training")
    stream = "validation seen in part" if validation else "events seen in part"
    drawn = (generator(seed, stream, number).random() for number in range(events))
    return [part if one < partial.share else whole for one in drawn]
