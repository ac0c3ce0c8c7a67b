"""Datasets that are prepared on the way to a training, found again by their content."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.data.prepared.checksums import (
    RememberedChecksums,
    Stamp,
    checksum_of,
    stamp_of,
)
from trackdnn.data.prepared.dataset import PreparedDataset, open_dataset
from trackdnn.data.prepared.executors import free_cores
from trackdnn.data.prepared.locks import locked
from trackdnn.data.prepared.manifest import is_prepared
from trackdnn.data.prepared.plan import Source, list_sources
from trackdnn.data.prepared.prepare import Say, prepare
from trackdnn.data.prepared.recipe import Recipe, recipe_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackdnn.settings import Settings

CHECKSUMS = "checksums.json"
_DIGITS = 24


def prepared_dataset(
    settings: Settings, *, progress: bool = True, say: Say | None = None
) -> PreparedDataset:
    """The prepared dataset of the settings.

    `data.prepared` names one, or it is made of `data.samples` in a folder below
    `local.prepared`, whose name follows from the content of the files and from the
    settings that decide what is made of them. Where that is there already, it is used.

    Args:
        settings: The whole tree.
        progress: Whether to show a bar on a terminal.
        say: Receives remarks for people.

    Returns:
        The dataset.

    Raises:
        InputError: If a file cannot be used, or no track is left.
        DatasetError: If `data.prepared` is no dataset.
        OutputError: If something cannot be written.
    """
    say = say or _silent
    if settings.data.prepared is not None:
        return open_dataset(Path(settings.data.prepared).expanduser())
    root = Path(settings.local.prepared).expanduser().resolve()
    sources = list_sources(settings.data)
    checksums = _checksums(sources, RememberedChecksums(root / CHECKSUMS))
    folder = root / content_key(recipe_of(settings.data), sources, checksums)
    # A second job with the same files waits, and finds what the first has made.
    # So does a training of several workers: each of them comes here.
    with locked(
        folder.with_suffix(".lock"),
        folder,
        wait=True,
        on_wait=lambda: say([f"waiting for the job that prepares {folder}"]),
    ):
        if _is_whole(folder):
            say([f"prepared data taken from {folder}"])
            return open_dataset(folder)
        say([f"prepared data go to {folder}"])
        known = {name: key for name, key in checksums.items() if len(key) == 64}
        return prepare(settings, folder, progress=progress, say=say, known=known)


def content_key(
    recipe: Recipe, sources: Sequence[Source], checksums: Mapping[str, str]
) -> str:
    """A name that follows from content, and not from where files lie.

    Args:
        recipe: What is done to all files alike.
        sources: The files, in their order.
        checksums: What stands for the content of each, by location.
    """
    files = [
        [one.role, one.sample, one.take, checksums[one.location]] for one in sources
    ]
    text = json.dumps([recipe.model_dump(mode="json"), files], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _checksums(
    sources: Sequence[Source], remembered: RememberedChecksums
) -> dict[str, str]:
    """What stands for the content of each file: its checksum, or size and UUID."""
    with ThreadPoolExecutor(free_cores()) as pool:
        found = list(pool.map(lambda one: _content(one, remembered), sources))
    for source, (stamp, key) in zip(sources, found, strict=True):
        if stamp.uuid is None:
            remembered.set(source.location, stamp, key)
    remembered.save()
    return {one.location: key for one, (_, key) in zip(sources, found, strict=True)}


def _content(source: Source, remembered: RememberedChecksums) -> tuple[Stamp, str]:
    stamp = stamp_of(source.location)
    known = remembered.get(source.location, stamp)
    key = known or checksum_of(source.location)
    return stamp, key or f"{stamp.size} {stamp.uuid}"


def _is_whole(folder: Path) -> bool:
    """Whether a dataset is finished, and none of its files is gone."""
    if not is_prepared(folder):
        return False
    dataset = open_dataset(folder)
    shards = [shard for one in dataset.manifest.sources for shard in one.shards]
    try:
        return all((folder / one.path).stat().st_size == one.bytes for one in shards)
    except OSError:
        return False


def _silent(_: Sequence[str]) -> None:
    pass
