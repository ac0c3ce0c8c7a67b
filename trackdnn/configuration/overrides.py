"""`--set a.b=c`."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from trackdnn.configuration.wording import first_line, short
from trackdnn.errors import SettingsError


def override(content: Mapping[str, Any], text: str) -> dict[str, Any]:
    """A copy of `content` with one `a.b=c` applied.

    Numbers index lists. Where a name meets a list, it is set in every entry, so that
    `training.epochs=5` works for a training of any number of stages.
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise SettingsError(f"--set must read a.b=value. Received: {text!r}")
    try:
        parsed = YAML(typ="safe", pure=True).load(value)
    except Exception as error:
        # The parser raises much besides its own errors.
        raise SettingsError(
            f"The value of --set {key} cannot be read: {first_line(error)}"
        ) from error
    tree = dict(content)
    path = key.strip().split(".")
    if path[0] == "training" and "training" not in tree:
        tree["training"] = [{}]
    return typing.cast("dict[str, Any]", _replaced(tree, path, parsed, key))


def _replaced(node: Any, path: list[str], value: Any, key: str) -> Any:
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(node, (list, tuple)):
        return _replaced_in_list(list(node), path, value, key)
    if node is None or isinstance(node, Mapping):
        below = dict(node or {})
        below[head] = _replaced(below.get(head), rest, value, key)
        return below
    raise SettingsError(
        f"--set {key} goes below a plain value. Received: {head!r} below {short(node)}"
    )


def _replaced_in_list(node: list[Any], path: list[str], value: Any, key: str) -> Any:
    if not path[0].isdecimal():
        return [_replaced(entry, path, value, key) for entry in node]
    index = int(path[0]) if len(path[0]) < 10 else len(node)
    if index >= len(node):
        raise SettingsError(
            f"--set {key} must name an entry that exists. "
            f"Received: entry {path[0]} of a list of {len(node)}"
        )
    node[index] = _replaced(node[index], path[1:], value, key)
    return node
