"""A trained constructor as a folder: what it is, and what it has learned.

```
constructor.json   format, kind, settings
…                  what `Constructor.save` writes
```
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from trackdnn.data.prepared.atomic import write_bytes, write_errors
from trackdnn.errors import BadFileError, OutputError
from trackdnn.graphs.constructor import KINDS, constructor_class
from trackdnn.graphs.voxel_dynamics.constructor import VoxelDynamics
from trackdnn.graphs.voxel_dynamics.files import MANIFEST, stored_settings
from trackdnn.settings.finding import FindingSettings

if TYPE_CHECKING:
    from pathlib import Path

    from trackdnn.graphs.constructor import Constructor

FILE = "constructor.json"
FORMAT = "trackdnn constructor 1"


def save_constructor(
    folder: Path, kind: str, settings: Any, constructor: Constructor
) -> None:
    """Writes a constructor; `constructor.json` is last, so half a folder has none.

    Args:
        folder: New or empty.
        kind: One of `trackdnn.graphs.constructor.KINDS`.
        settings: The block of settings it was trained with.
        constructor: What was trained.

    Raises:
        OutputError: If the folder holds something, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(
            f"The folder of a constructor must be new or empty. Received: '{folder}'. "
            "Name another one, or remove it."
        )
    with write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        constructor.save(folder)
    content = {"format": FORMAT, "kind": kind, "settings": settings.model_dump()}
    text = json.dumps(content, indent=2, allow_nan=False)
    write_bytes(folder / FILE, text.encode() + b"\n")


def load_constructor(folder: Path) -> tuple[str, Constructor]:
    """Reads a constructor.

    Args:
        folder: What `save_constructor` or `train-voxdyn` has written.

    Returns:
        Its kind, and the constructor.

    Raises:
        BadFileError: If a file is missing or damaged.
    """
    path = folder / FILE
    if not path.is_file() and (folder / MANIFEST).is_file():
        return "voxel_dynamics", VoxelDynamics.load(stored_settings(folder), folder)
    content = _content(path)
    kind = content.get("kind")
    if content.get("format") != FORMAT or kind not in list(KINDS):
        raise BadFileError(
            f"'{path}' must be of the format '{FORMAT}' and of one of the kinds "
            f"{', '.join(KINDS)}. Received: format {content.get('format')!r}, kind "
            f"{kind!r}. Train it again with this version."
        )
    try:
        settings = FindingSettings.model_validate({kind: content.get("settings")})
    except ValidationError as error:
        first = error.errors()[0]
        raise BadFileError(
            f"'{path}' must hold settings of '{kind}'. Received: "
            f"{'.'.join(map(str, first['loc'][1:]))}: {first['msg']}. Train it again "
            "with this version."
        ) from error
    return kind, constructor_class(kind).load(getattr(settings, kind), folder)


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise BadFileError(
            f"A constructor must have the file '{path}'. Received: {error.strerror}. "
            "Name the folder of a trained constructor."
        ) from error
    except ValueError as error:
        raise BadFileError(
            f"'{path}' must be JSON. Received: {error}. Train the constructor again."
        ) from error
    if not isinstance(content, dict):
        raise BadFileError(
            f"'{path}' must hold an object. Received: {type(content).__name__}. Train "
            "the constructor again."
        )
    return content
