"""Settings as plain values only: text, numbers, truth, null, lists and mappings.

A YAML file of a kilobyte can stand for a billion values, by aliases of aliases, and a
Python file can hold anything. What is not plain could not be written into a run.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from trackdnn.configuration.wording import printable, short
from trackdnn.errors import SettingsError

# Values in all, each alias counted as often as it is used; and levels of nesting.
MAX_VALUES, MAX_DEPTH = 100_000, 50
# Beyond this, an integer is no float any more.
_MAX_BITS = 1023
# No file name holds them, and YAML's next line (0x85) does not come back as it went.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def plain(content: Mapping[str, Any], source: str) -> dict[str, Any]:
    """A copy of settings in plain values, or one sentence about what is none.

    Args:
        content: What a file holds.
        source: What messages call it.

    Raises:
        SettingsError: If a value is of another type or not finite, if a key is no
            text, or if there are too many values or levels.
    """
    return _Copier(source).mapping(content, ())[0]


class _Copier:
    """Copies shared branches once, and knows how large each is when spelled out."""

    def __init__(self, source: str) -> None:
        self._source = source
        # By identity: the copy, its values and its levels. The original is kept, so
        # that no other object gets its identity.
        self._known: dict[int, tuple[Any, Any, int, int]] = {}

    def mapping(
        self, node: Mapping[Any, Any], path: tuple[str, ...]
    ) -> tuple[dict[str, Any], int, int]:
        names = [self._key(key, path) for key in node]
        values = [
            self._copy(value, (*path, name))
            for name, value in zip(names, node.values(), strict=True)
        ]
        copies = (copy for copy, _, _ in values)
        return dict(zip(names, copies, strict=True)), *self._extent(values, path)

    def _copy(self, node: Any, path: tuple[str, ...]) -> tuple[Any, int, int]:
        if not isinstance(node, (Mapping, list, tuple)):
            return self._scalar(node, path), 1, 0
        if id(node) in self._known:
            return self._known[id(node)][1:]
        if len(path) > MAX_DEPTH:
            raise self._too_deep(path)
        if isinstance(node, Mapping):
            copy, count, depth = self.mapping(node, path)
        else:
            copy, count, depth = self._sequence(node, path)
        self._known[id(node)] = (node, copy, count, depth)
        return copy, count, depth

    def _sequence(self, node: Any, path: tuple[str, ...]) -> tuple[Any, int, int]:
        values = [self._copy(one, (*path, str(n))) for n, one in enumerate(node)]
        return [copy for copy, _, _ in values], *self._extent(values, path)

    def _extent(
        self, values: list[tuple[Any, int, int]], path: tuple[str, ...]
    ) -> tuple[int, int]:
        count = 1 + sum(one for _, one, _ in values)
        depth = 1 + max((one for _, _, one in values), default=0)
        if depth + len(path) > MAX_DEPTH:
            raise self._too_deep(path)
        if count > MAX_VALUES:
            raise self._error(
                path, f"must hold at most {MAX_VALUES:,} values, aliases spelled out"
            )
        return count, depth

    def _scalar(self, value: Any, path: tuple[str, ...]) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, int):
            if value.bit_length() > _MAX_BITS:
                raise self._error(path, f"must be below 2^{_MAX_BITS}", value)
            return int(value)
        if isinstance(value, float):
            if not math.isfinite(value):
                raise self._error(path, "must be a finite number", value)
            return float(value)
        raise self._error(
            path,
            "must be text, a number, true, false, null, a list or a mapping",
            value,
        )

    def _key(self, key: Any, path: tuple[str, ...]) -> str:
        if not isinstance(key, str):
            raise self._error(path, "must have keys of text, in quotes", key)
        return self._text(key, path)

    def _text(self, value: str, path: tuple[str, ...]) -> str:
        try:
            value.encode()
        except UnicodeEncodeError:
            raise self._error(path, "must be text in Unicode", value) from None
        if _CONTROL.search(value):
            raise self._error(path, "must be text without control characters", value)
        return str(value)

    def _too_deep(self, path: tuple[str, ...]) -> SettingsError:
        return self._error(
            path[:3], f"is nested too deeply: at most {MAX_DEPTH} levels are read"
        )

    def _error(self, path: tuple[str, ...], what: str, *received: Any) -> SettingsError:
        place = f"'{printable('.'.join(path))}'" if path else "the settings"
        end = f". Received: {short(received[0])}" if received else ""
        return SettingsError(f"{self._source}: {place}: {what}{end}")
