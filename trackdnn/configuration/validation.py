"""A plain dict becomes the settings tree, or one sentence about its first fault."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from trackdnn.configuration.files import read_content
from trackdnn.configuration.forms import translated
from trackdnn.configuration.overrides import override
from trackdnn.configuration.plain import plain
from trackdnn.configuration.wording import printable, short
from trackdnn.errors import SettingsError, nearest
from trackdnn.settings import Settings


def load_settings(path: Path | None = None, overrides: Iterable[str] = ()) -> Settings:
    """The settings of a file with overrides on top.

    Args:
        path: A Python file that defines the dict `settings`, or a YAML file; `None`
            for the defaults.
        overrides: Texts `a.b=c`; the value is read as YAML.

    Raises:
        SettingsError: If the file cannot be read, or a key or value is not valid.
    """
    if path is None:
        return settle({}, overrides)
    return settle(read_content(path), overrides, source=str(path))


def settle(
    content: Mapping[str, Any],
    overrides: Iterable[str],
    source: str = "the settings",
) -> Settings:
    """The settings of a plain dict with overrides on top.

    Args:
        content: Plain settings, with names of ours or of other frameworks.
        overrides: Texts `a.b=c`; the value is read as YAML.
        source: What messages call them.

    Raises:
        SettingsError: If a key or value is not valid.
    """
    # First, so that an override finds a setting by the name that it has here.
    content = translated(plain(content, source), source)
    for text in overrides:
        content = override(content, text)
    return validate(content, source=source)


def validate(content: Mapping[str, Any], source: str = "the settings") -> Settings:
    """The settings tree of a plain dict, or one sentence about its first fault.

    Args:
        content: Plain settings, with names of ours or of other frameworks.
        source: What messages call them.

    Raises:
        SettingsError: If a key or value is not valid.
    """
    content = translated(plain(content, source), source)
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise SettingsError(_sentence(error, source)) from None


def _sentence(error: ValidationError, source: str) -> str:
    faults = error.errors(include_url=False, include_context=False)
    # A list whose entries are at fault also counts as too short: that says nothing.
    faults = [each for each in faults if each["type"] != "too_short"] or faults
    fault = faults[0]
    place = ".".join(str(part) for part in fault["loc"]) or "settings"
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    if fault["type"] == "extra_forbidden":
        hint = _hint(fault["loc"])
        return f"{source}: unknown key '{printable(place)}'.{hint}{more}"
    message = fault["msg"].removeprefix("Value error, ")
    message = message.replace("a valid tuple", "a list")
    received = short(fault["input"])
    return f"{source}: '{printable(place)}': {message}. Received: {received}{more}"


def _hint(location: tuple[int | str, ...]) -> str:
    """What an unknown key may have been meant to be, or where it belongs."""
    name = str(location[-1])[:200]
    homes = [place for place in _places(Settings) if place.split(".")[-1] == name]
    if homes:
        return f" It belongs in {' or '.join(repr(place) for place in homes[:3])}."
    return nearest(name, _keys_at(location[:-1]))


def _places(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """Full names of all settings."""
    for name, field in model.model_fields.items():
        yield f"{above}{name}"
        below = _innermost_model(field.annotation)
        if below is not None:
            yield from _places(below, f"{above}{name}.")


def _keys_at(location: tuple[int | str, ...]) -> list[str]:
    """Field names of the node at a location of the tree."""
    node: Any = Settings
    for part in location:
        if not _is_model(node):
            return []
        field = node.model_fields.get(str(part))
        if field is not None:
            node = _innermost_model(field.annotation)
    return list(node.model_fields) if _is_model(node) else []


def _innermost_model(annotation: Any) -> Any:
    if _is_model(annotation):
        return annotation
    for argument in typing.get_args(annotation):
        found = _innermost_model(argument)
        if found is not None:
            return found
    return None


def _is_model(thing: Any) -> bool:
    if isinstance(thing, types.GenericAlias):
        return False
    return isinstance(thing, type) and issubclass(thing, BaseModel)
