"""Parts that were trained before, for a finder to be trained."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from trackdnn.data.prepared.atomic import checksum
from trackdnn.errors import InputError
from trackdnn.graphs.constructor import constructor_class
from trackdnn.graphs.saving import FILE, load_constructor, save_constructor
from trackdnn.tracking.pipeline.folder import (
    check_files,
    read_description,
    settings_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from trackdnn.settings.finding import FindingSettings


def take_constructor(folder: Path, settings: FindingSettings, to: Path) -> None:
    """Copies a constructor into the folder of a finder.

    Args:
        folder: Of `save_constructor`, or what a kind of constructor writes by itself,
            as `train-voxdyn` does; that one gets the settings of the finder.
        settings: The branch `finding`.
        to: New.

    Raises:
        InputError: If it is of another kind than the settings.
        BadFileError: If a file is missing or damaged.
    """
    check_kind(folder, settings)
    if (folder / FILE).is_file():
        shutil.copytree(folder, to)
        return
    kind, block = settings.constructor, settings.constructor_settings
    save_constructor(to, kind, block, constructor_class(kind).load(block, folder))


def check_kind(folder: Path, settings: FindingSettings) -> None:
    """Refuses a constructor that is not of the kind of the settings.

    Raises:
        InputError: If it is of another kind.
        BadFileError: If a file is missing or damaged.
    """
    if not (folder / FILE).is_file():
        constructor_class(settings.constructor).load(
            settings.constructor_settings, folder
        )
        return
    kind, _ = load_constructor(folder)
    if kind != settings.constructor:
        raise InputError(
            f"--constructor must be of the kind {settings.constructor} of the "
            f"settings. Received: {kind}. Add --set finding.constructor={kind}."
        )


def take_part(finder: Path, part: str, to: Path) -> None:
    """Copies a part of a finder, whose files are compared with their checksums.

    Args:
        finder: Folder of a finder.
        part: One of `folder.PARTS`.
        to: New.

    Raises:
        BadFileError: If a file is missing or damaged.
    """
    check_files(finder, read_description(finder))
    shutil.copytree(finder / part, to)


def with_parts_of(
    finder: Path, settings: FindingSettings, *, network: bool = False
) -> FindingSettings:
    """Settings whose constructor and filter are those of a finder.

    Args:
        finder: Folder of a finder.
        settings: Of the finder to be trained.
        network: Whether its network and masks are those of the other one, too.

    Raises:
        BadFileError: If it is none, or of another version.
    """
    old = settings_of(finder, read_description(finder))
    names = ["constructor", old.constructor, "filter", "dense_filter"]
    names += ["network", "masks"] if network else []
    return settings.model_copy(update={name: getattr(old, name) for name in names})


def identity(folder: Path | None) -> dict[str, str]:
    """SHA-256 of each file of a folder; none where there is no folder."""
    files = sorted(folder.iterdir()) if folder and folder.is_dir() else []
    return {path.name: checksum(path) for path in files if path.is_file()}
