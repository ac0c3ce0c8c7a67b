"""A mapping of settings in which names are exchanged for ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trackdnn.configuration.wording import printable, short
from trackdnn.errors import SettingsError


class Place:
    """A mapping of settings, taken apart name by name.

    Args:
        content: The mapping; it stays as it is.
        name: Its full name in the file, such as `training.stage_0`.
        source: What messages call the file.
    """

    def __init__(self, content: Mapping[str, Any], name: str, source: str) -> None:
        self.content = dict(content)
        self._name, self._source = name, source

    def __contains__(self, old: str) -> bool:
        return old in self.content

    def take(self, old: str, default: Any = None) -> Any:
        """Removes a setting and gives its value."""
        return self.content.pop(old, default)

    def number(self, old: str, default: float | None = None) -> Any:
        """Removes a setting that must be a number.

        Raises:
            SettingsError: If it is something else, or missing without a default.
        """
        value = self.take(old, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(old, "must be a number", value)
        return value

    def count(self, old: str, default: int | None = None) -> int:
        """Removes a setting that must be a whole number, 1 or more."""
        value = self.number(old, default)
        if value != int(value) or value < 1:
            raise self.error(old, "must be a whole number, 1 or more", value)
        return int(value)

    def branch(self, old: str) -> Place:
        """Removes a mapping, to be taken apart in turn."""
        value = self.take(old)
        if not isinstance(value, Mapping):
            raise self.error(old, "must be a mapping of settings", value)
        return Place(value, self._full(old), self._source)

    def put(self, old: str, new: str, value: Any) -> None:
        """Sets a setting of ours in the place of another name.

        Raises:
            SettingsError: If ours is there as well.
        """
        if new in self.content:
            raise SettingsError(
                f"{self._source}: '{self._full(old)}' and '{self._full(new)}' mean the "
                f"same: give one of them. Received: {short(value)} and "
                f"{short(self.content[new])}"
            )
        self.content[new] = value

    def move(
        self, old: str, new: str, change: Callable[[Any], Any] | None = None
    ) -> None:
        """Exchanges a name, if it is there."""
        if old in self.content:
            value = self.take(old)
            self.put(old, new, change(value) if change else value)

    def refuse(self, advice: Mapping[str, str]) -> None:
        """Refuses names that mean something else here, or nothing.

        Args:
            advice: By name, what to write instead.

        Raises:
            SettingsError: If one of them is there.
        """
        for old, text in advice.items():
            if old in self.content:
                raise self.error(old, f"must be left out: {text}", self.content[old])

    def finish(self, reader: str, known: Sequence[str]) -> None:
        """Makes sure that nothing is left.

        Raises:
            SettingsError: If a name is left that `reader` does not read.
        """
        if self.content:
            left = next(iter(self.content))
            reads = ", ".join(known) or "nothing else"
            raise self.error(
                left, f"must be left out: {reader} reads {reads}", self.content[left]
            )

    def error(self, old: str, what: str, received: Any) -> SettingsError:
        """What is wrong with a setting, in the words of the file."""
        return SettingsError(
            f"{self._source}: '{printable(self._full(old))}' {what}. "
            f"Received: {short(received)}"
        )

    def _full(self, name: str) -> str:
        return f"{self._name}.{name}" if self._name else name
