"""A Python or YAML file becomes a plain dict."""

from __future__ import annotations

import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from trackdnn.configuration.plain import plain
from trackdnn.configuration.wording import first_line
from trackdnn.errors import SettingsError

MAX_BYTES = 1_000_000
# In the config.py of hajohajo/TrainingFrameworkTrackDNN.
_CMS_NAMES = ("make_model", "columns_of_regular_inputs")


def read_content(path: Path) -> dict[str, Any]:
    """The plain dict in a Python or YAML settings file.

    Raises:
        SettingsError: If it cannot be read, or holds something else.
    """
    _check_file(path)
    readers = {".py": _read_python, ".yaml": _read_yaml, ".yml": _read_yaml}
    if path.suffix not in readers:
        raise SettingsError(
            f"The settings file must end in .py, .yaml or .yml. Received: {path}"
        )
    content = readers[path.suffix](path)
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise SettingsError(
            f"{path} must hold a mapping of settings. "
            f"Received: {type(content).__name__}"
        )
    return plain(content, str(path))


def _check_file(path: Path) -> None:
    try:
        exists = path.is_file()
        size = path.stat().st_size if exists else 0
    except OSError as error:
        raise _unreadable(path, error) from error
    if not exists:
        raise SettingsError(f"The settings file {path} does not exist.")
    if size > MAX_BYTES:
        raise SettingsError(
            f"The settings file {path} must be smaller than {MAX_BYTES} bytes. "
            f"Received: {size} bytes"
        )


def _unreadable(path: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"The settings file {str(path)[:200]} cannot be read: "
        f"{error.strerror or first_line(error)}"
    )


def _read_python(path: Path) -> Any:
    try:
        names = runpy.run_path(str(path))
    except (Exception, SystemExit) as error:
        # Whatever it raises, and whether it would end the program: the file is wrong.
        line = getattr(error, "lineno", None)
        where = f"{path}, line {line}" if line else str(path)
        raise SettingsError(
            f"{where} cannot be run: {type(error).__name__}: {first_line(error)}"
        ) from error
    if "settings" in names:
        return names["settings"]
    hint = "Name another file with --config if this one is not yours."
    if any(name in names for name in _CMS_NAMES):
        hint = "docs/training.md says what takes the place of each of its names."
    raise SettingsError(f"{path} must define a dict named `settings`. {hint}")


def _read_yaml(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{path} is not valid YAML: it must be text in UTF-8. "
            f"Received: byte 0x{error.object[error.start]:02x} at {error.start}"
        ) from error
    try:
        return YAML(typ="safe", pure=True).load(text)
    except RecursionError as error:
        raise SettingsError(
            f"{path} is not valid YAML: it is nested too deeply"
        ) from error
    except Exception as error:
        # The parser raises much besides its own errors: KeyError, OverflowError, ...
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or first_line(error)
        raise SettingsError(f"{where} is not valid YAML: {problem}") from error
