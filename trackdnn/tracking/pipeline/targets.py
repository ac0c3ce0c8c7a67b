"""Events of a plan as the parts of a finder learn from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackdnn.errors import InputError
from trackdnn.events.partial import views_of
from trackdnn.events.views import View, ViewedSource

if TYPE_CHECKING:
    from trackdnn.events.event import Event
    from trackdnn.tracking.pipeline.plan import Plan


class Target(ViewedSource):
    """An event of a view, with truth of the particles that count in a training."""

    def load(self) -> Event:
        """The event.

        Raises:
            InputError: If it has no truth.
        """
        return self.view.targets(seen(self))


def whole(plan: Plan) -> list[Target]:
    """Events to learn from, all of them by the view of the settings."""
    view = View(plan.settings.view, "training")
    return [Target(source, view) for source in plan.training]


def mixed(plan: Plan, share: float = 1.0, *, validation: bool = False) -> list[Target]:
    """Events, some of them seen in part.

    Args:
        plan: The training.
        share: Of their particles.
        validation: Whether they are those of the validation.
    """
    sources = plan.validation if validation else plan.training
    views = views_of(plan.settings, len(sources), plan.seed, validation=validation)
    return [
        Target(source, view.thinned(share))
        for source, view in zip(sources, views, strict=True)
    ]


def seen(target: Target) -> Event:
    """An event with truth of all of its particles, as a judgement wants it.

    Raises:
        InputError: If it has no truth.
    """
    event = target.view.apply(target.source.load())
    if event.truth is None:
        raise InputError(
            f"Event {event.name} must have truth to learn from. Received: none. Name "
            "events with truth."
        )
    return event
