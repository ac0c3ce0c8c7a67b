"""Where events come from: folders, files and stores, behind one face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from trackdnn.events.event import Event


class EventSource(Protocol):
    """One event that can be read when it is needed, in any process."""

    @property
    def name(self) -> str:
        """Name of the event, such as `event000001000`."""

    @property
    def files(self) -> tuple[Path, ...]:
        """All that `load` reads, a table of detectors too: new content, new event."""

    def load(self) -> Event:
        """Reads the event.

        Raises:
            BadFileError: If a file is missing, damaged or malformed.
        """
