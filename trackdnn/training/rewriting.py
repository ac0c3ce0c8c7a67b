"""Writes what an edit changes in a run folder, so that no moment leaves it damaged."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from trackdnn.configuration import validate
from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.errors import OutputError, SettingsError
from trackdnn.training.run import MANIFEST, SETTINGS, to_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from trackdnn.settings import LocalSettings, Settings

LOCAL, EDITS = "local.yaml", "edits.jsonl"


@dataclasses.dataclass(frozen=True)
class Change:
    """One value that was changed.

    Args:
        place: Its full name, such as `training.1.epochs`; entries count from 0.
        old: What it was.
        new: What it is.
    """

    place: str
    old: Any
    new: Any

    def line(self) -> str:
        """The change in words."""
        return f"{self.place}: {json.dumps(self.old)} -> {json.dumps(self.new)}"


@contextlib.contextmanager
def noted(folder: Path, found: Sequence[Change], command: str) -> Iterator[None]:
    """Notes changes in a run's log, before they are made.

    Where there is no room for the note, nothing is changed; where the change fails,
    the note is taken back.

    Args:
        folder: The run folder.
        found: The changes.
        command: Who makes them.

    Raises:
        OutputError: If the log cannot be written.
    """
    path = folder / EDITS
    before = path.read_bytes() if path.is_file() else b""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    rows = [
        {"time": now, "command": command, **dataclasses.asdict(one)} for one in found
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    write_bytes(path, before + text.encode())
    try:
        yield
    except BaseException:
        with contextlib.suppress(OutputError):
            write_bytes(path, before)
        raise


def rewrite_settings(folder: Path, settings: Settings, *, whole: bool) -> None:
    """Replaces the settings of a run.

    The manifest of a complete run is away meanwhile: should the process die, `train`
    completes the run again.

    Args:
        folder: The run folder.
        settings: The new settings.
        whole: Whether all their stages are trained: a complete run stays so.

    Raises:
        OutputError: If they cannot be written; all is as before then.
    """
    manifest, aside = folder / MANIFEST, folder / f".{MANIFEST}.aside"
    content = json.loads(manifest.read_bytes()) if manifest.is_file() else None
    text = to_yaml(settings).encode()
    if content is None:
        write_bytes(folder / SETTINGS, text)
        return
    manifest.rename(aside)
    try:
        write_bytes(folder / SETTINGS, text)
    except BaseException:
        # A rename needs no room on a disk that is full.
        aside.rename(manifest)
        raise
    if whole:
        content["sha256"][SETTINGS] = hashlib.sha256(text).hexdigest()
        write_bytes(manifest, json.dumps(content, indent=2).encode() + b"\n")
    aside.unlink()


def rewrite_local(folder: Path, found: Sequence[Change], settings: Settings) -> None:
    """Puts changes of `local` into a run's `local.yaml`, with comments left in place.

    Args:
        folder: The run folder.
        found: The changes; those of other branches are not looked at.
        settings: All settings, for a run without `local.yaml`.

    Raises:
        OutputError: If it cannot be written; it is as before then.
    """
    path, yaml = folder / LOCAL, YAML()
    if path.is_file():
        tree = yaml.load(path.read_text("utf-8")) or {}
        below = tree.get("local", tree)
        known = _local(below) is not None
        for change in found:
            names = change.place.split(".")
            if names[0] == "local":
                _set(below, names[1:], change.new)
        if known and _local(below) != settings.local:
            # Other names of what was changed, of Dingo for example, stand beside ours.
            tree = settings.to_dict()["local"]
    else:
        tree = settings.to_dict()["local"]
    text = io.StringIO()
    yaml.dump(tree, text)
    write_bytes(path, text.getvalue().encode())


def _local(content: Any) -> LocalSettings | None:
    """The branch `local` as a start would read it, if it would."""
    try:
        return validate({"local": content}).local
    except SettingsError:
        return None


def _set(node: Any, names: Sequence[str], value: Any) -> None:
    """Sets a value deep in a tree that was read; branches are made where missing."""
    for name in names[:-1]:
        if isinstance(node, Mapping) and not isinstance(node.get(name), (dict, list)):
            node[name] = {}  # type: ignore[index]
        node = node[name if isinstance(node, Mapping) else int(name)]
    node[names[-1] if isinstance(node, Mapping) else int(names[-1])] = value
