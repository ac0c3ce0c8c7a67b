"""What a graph constructor is, and which ones there are.

A constructor is one module with one class, one block of settings
(`trackdnn.settings.finding.constructors`) and one line in `KINDS`. It never sees truth
when it builds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from trackdnn.events.event import Event
    from trackdnn.graphs.graph import Graph

# Module and class by the `kind` of the settings.
KINDS = {
    "voxel_dynamics": ("trackdnn.graphs.voxel_dynamics.constructor", "VoxelDynamics"),
    "module_map": ("trackdnn.graphs.module_map.constructor", "ModuleMap"),
    "neighbours": ("trackdnn.graphs.neighbours", "Neighbours"),
    "metric_learning": (
        "trackdnn.graphs.metric_learning.constructor",
        "MetricLearning",
    ),
}


class Constructor(Protocol):
    """Hits to a graph."""

    @classmethod
    def train(
        cls,
        settings: Any,
        events: Iterable[Event],
        *,
        seed: int,
        progress: bool,
        folder: Path | None = None,
    ) -> Self:
        """Learns from events with truth, one at a time and never all in memory.

        Args:
            settings: Its block of settings.
            events: Each is gone through once.
            seed: Of all random numbers.
            progress: Whether to show a bar on a terminal.
            folder: Where one that trains for long may keep its work, and find it after
                an interruption; `None` for nowhere.
        """

    def build(self, event: Event) -> Graph:
        """The graph of an event; truth is not looked at."""

    def save(self, folder: Path) -> None:
        """Writes what was learned into an existing, empty folder."""

    @classmethod
    def load(cls, settings: Any, folder: Path) -> Self:
        """Reads what `save` has written.

        Raises:
            BadFileError: If a file is missing or damaged.
        """


def constructor_class(kind: str) -> type[Constructor]:
    """The class of a kind of constructor."""
    module, name = KINDS[kind]
    found: type[Constructor] = getattr(import_module(module), name)
    return found
