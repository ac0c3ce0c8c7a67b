"""A trained finder as a folder.

```
finder.json     format, settings, versions, what it was trained on, how good it is,
                SHA-256 of every other file
constructor/    trackdnn.graphs.saving
filter/         trackdnn.graphs.edge_filter.filter, or edge_network.files of a dense
                one, where there is a filter
network/        trackdnn.graphs.edge_network.files, where there is a network
joining/        trackdnn.tracking.joining.joining, where tracks are joined
selection/      trackdnn.tracking.selection.selection, where there is one
```
"""

from __future__ import annotations

import json
import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from trackdnn.data.prepared.atomic import checksum, write_bytes
from trackdnn.errors import BadFileError
from trackdnn.graphs.edge_filter.filter import EdgeFilter
from trackdnn.graphs.edge_network.network import EdgeNetwork
from trackdnn.graphs.saving import load_constructor
from trackdnn.settings.finding import FindingSettings
from trackdnn.tracking.joining.joining import TrackJoining
from trackdnn.tracking.pipeline.finder import Finder
from trackdnn.tracking.pivots.mask_network import MaskNetwork
from trackdnn.tracking.selection.selection import TrackSelection
from trackdnn.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from trackdnn.tracking.pipeline.finder import Scorer

FILE = "finder.json"
PARTS = ("constructor", "filter", "network", "joining", "selection")
CONSTRUCTOR, FILTER, NETWORK, JOINING, SELECTION = PARTS
FORMAT = "trackdnn finder 1"
_PACKAGES = ("numpy", "scipy", "scikit-learn", "onnx", "onnxruntime")


def describe(
    folder: Path, settings: FindingSettings, facts: dict[str, Any]
) -> dict[str, Any]:
    """Writes `finder.json` into a folder that holds all else.

    Args:
        folder: With the constructor and the filter.
        settings: Of the finder, with tuned cuts.
        facts: What else there is to say.

    Returns:
        The content of the file.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in files}
    content = {
        "format": FORMAT,
        "settings": settings.model_dump(mode="json"),
        "versions": _versions(),
        **facts,
        "files": {
            name: checksum(path)
            for name, path in names.items()
            if name.startswith(tuple(f"{part}/" for part in PARTS))
        },
    }
    text = json.dumps(content, indent=2, allow_nan=False) + "\n"
    write_bytes(folder / FILE, text.encode())
    return content


def load_finder(folder: Path, *, threads: int = 0) -> Finder:
    """Reads a finder; every file is compared with its checksum.

    Args:
        folder: Of the finder.
        threads: Of the filter; 0 for one per core.

    Raises:
        BadFileError: If a file is missing or damaged; it is named.
    """
    content = read_description(folder)
    check_files(folder, content)
    settings = settings_of(folder, content)
    _, constructor = load_constructor(folder / CONSTRUCTOR)
    return Finder(
        settings,
        constructor,
        load_filter(folder / FILTER, settings, threads=threads),
        load_network(folder / NETWORK, settings, threads=threads),
        load_masks(folder / NETWORK, settings, threads=threads),
        load_joining(folder / JOINING, settings),
        load_selection(folder / SELECTION, settings),
    )


def load_filter(
    folder: Path, settings: FindingSettings, *, threads: int = 0
) -> Scorer | None:
    """The filter of a finder, `None` where it has none.

    Raises:
        BadFileError: If a file is missing or damaged.
    """
    if not settings.filter.enabled:
        return None
    if settings.filter.kind == "dense":
        return EdgeNetwork.load(folder, threads=threads)
    return EdgeFilter.load(folder, threads=threads)


def load_network(
    folder: Path, settings: FindingSettings, *, threads: int = 0
) -> Scorer | None:
    """The network of a finder, `None` where it has none.

    Raises:
        BadFileError: If a file is missing or damaged.
    """
    if not settings.network.enabled:
        return None
    return EdgeNetwork.load(folder, threads=threads)


def load_masks(
    folder: Path, settings: FindingSettings, *, threads: int = 0
) -> MaskNetwork | None:
    """The pivot transformer of a finder, `None` where it has none.

    Raises:
        BadFileError: If its file is missing or damaged.
    """
    if not (settings.network.enabled and settings.masks.enabled):
        return None
    return MaskNetwork.load(folder, threads=threads)


def load_joining(folder: Path, settings: FindingSettings) -> TrackJoining | None:
    """What joins the tracks of a finder, `None` where nothing does.

    Raises:
        BadFileError: If its file is missing or damaged.
    """
    return TrackJoining.load(folder) if settings.joining.enabled else None


def load_selection(folder: Path, settings: FindingSettings) -> TrackSelection | None:
    """The selection of tracks of a finder, `None` where it has none.

    Raises:
        BadFileError: If its file is missing or damaged.
    """
    return TrackSelection.load(folder) if settings.selection.enabled else None


def read_description(folder: Path) -> dict[str, Any]:
    """The content of `finder.json`.

    Raises:
        BadFileError: If it is missing or of another kind.
    """
    path = folder / FILE
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise BadFileError(
            f"'{folder}' must be the folder of a finder, with a file '{FILE}'. "
            f"Received: {error.strerror}. Make one with `train-finder`."
        ) from error
    except ValueError as error:
        raise BadFileError(
            f"'{path}' must be JSON. Received: {error}. Train the finder again."
        ) from error
    kind = content.get("format") if isinstance(content, dict) else None
    if kind != FORMAT or not isinstance(content.get("files"), dict):
        raise BadFileError(
            f"'{path}' must be of the format '{FORMAT}'. Received: {kind!r}. Train the "
            "finder again with this version."
        )
    described: dict[str, Any] = content
    return described


def check_files(folder: Path, content: dict[str, Any]) -> None:
    """Compares every file of a finder with its checksum.

    Raises:
        BadFileError: If one is missing or damaged.
    """
    for name, expected in content["files"].items():
        _check(folder / name, expected)


def _check(path: Path, expected: object) -> None:
    try:
        found = checksum(path)
    except OSError as error:
        raise BadFileError(
            f"A finder must have the file '{path}'. Received: {error.strerror}. Copy "
            "it again, or train it again."
        ) from error
    if found != expected:
        raise BadFileError(
            f"'{path}' must have the SHA-256 {str(expected)[:12]} of its finder. "
            f"Received: {found[:12]}. Copy it again, or train it again."
        )


def settings_of(folder: Path, content: dict[str, Any]) -> FindingSettings:
    """The settings that a finder was trained with.

    Raises:
        BadFileError: If they are not of this version.
    """
    path = folder / FILE
    try:
        return FindingSettings.model_validate(content.get("settings"))
    except ValidationError as error:
        first = error.errors()[0]
        raise BadFileError(
            f"'{path}' must hold settings of this version. Received: "
            f"{'.'.join(map(str, first['loc']))}: {first['msg']}. Train the finder "
            "again."
        ) from error


def _versions() -> dict[str, str]:
    versions = {name: metadata.version(name) for name in _PACKAGES}
    return {"trackdnn": __version__, "python": platform.python_version(), **versions}
