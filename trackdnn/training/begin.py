"""A run folder before its training is complete: new, or one to go on in.

| file              | content                                                    |
|-------------------|------------------------------------------------------------|
| settings.yaml     | the resolved settings, written before the first step       |
| input_spec.json   | the inputs, fitted to the tracks once                      |
| data.json         | which tracks the run is trained on                         |
| checkpoints/      | how far it has come                                        |

`run.json` and what it names come last, when the training is complete.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from network.inputs import InputSpec
from trackdnn.configuration import read_content, validate
from trackdnn.errors import RunError, SettingsError
from trackdnn.training.checkpoints.lock import LOCK, run_lock
from trackdnn.training.checkpoints.store import CheckpointStore
from trackdnn.training.history import JSONL
from trackdnn.training.run import MANIFEST, SETTINGS, SPEC, to_yaml, write_text
from trackdnn.training.trackers.record import FILES as OF_TRACKERS

if TYPE_CHECKING:
    from pathlib import Path

    from trackdnn.settings import Settings

CHECKPOINTS, DATA = "checkpoints", "data.json"
# TensorBoard's event files.
EVENTS = "tensorboard"
# What is of the machine and of the job: it stays where a training is set aside.
OF_THE_JOB = ("local.yaml", "attempts.json")
# What was changed in the settings, by `edit` and `append-stage`.
EDITS = "edits.jsonl"
# Most differences that a message lists.
LISTED = 5


def is_begun(folder: Path) -> bool:
    """Whether a folder holds a training to go on with, complete or not."""
    store = CheckpointStore(folder / CHECKPOINTS)
    return not store.is_empty() and (folder / SETTINGS).is_file()


def is_untouched(folder: Path) -> bool:
    """Whether nothing is lost if a training begins in a folder."""
    if not folder.exists():
        return True
    own = {CHECKPOINTS, SETTINGS, SPEC, DATA, LOCK, JSONL, EVENTS, EDITS}
    own |= {*OF_THE_JOB, *OF_TRACKERS}
    return not is_begun(folder) and all(
        path.name in own or path.name.startswith("earlier-") or _is_partial(path)
        for path in folder.iterdir()
    )


def _is_partial(path: Path) -> bool:
    """Whether a file was being written when its process ended."""
    return path.name.startswith(".") and path.name.endswith(".partial")


def is_complete(folder: Path) -> bool:
    """Whether a training in a folder has come to its end."""
    return (folder / MANIFEST).is_file()


def begin(
    folder: Path, settings: Settings, identity: str | None, spec: InputSpec | None
) -> InputSpec:
    """Makes a folder ready to be trained in, and gives the inputs of the network.

    Args:
        folder: New, empty, or one in which the same training was begun.
        settings: The resolved settings.
        identity: What stands for the training tracks, if it is known.
        spec: The inputs, fitted to the tracks, of a new training.

    Returns:
        The inputs: those of the training that goes on, or new ones.

    Raises:
        RunError: If the folder is of another training, or the settings differ in what
            is trained already.
    """
    if is_begun(folder):
        _check_same(folder, settings, identity)
        if stages_begun(folder) < len(settings.training):
            # What was complete is so no longer.
            (folder / MANIFEST).unlink(missing_ok=True)
            write_text(folder / SETTINGS, to_yaml(settings))
        return _read_spec(folder / SPEC)
    if spec is None:
        raise RunError(
            f"{folder} must stay as it is while a training begins in it. Received: a "
            "folder that changed. Start again."
        )
    (folder / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
    write_text(folder / SPEC, spec.to_json() + "\n")
    write_text(folder / DATA, json.dumps({"tracks": identity}) + "\n")
    # With this the training is begun.
    write_text(folder / SETTINGS, to_yaml(settings))
    return spec


def set_aside(folder: Path) -> Path | None:
    """Moves what was trained in a folder into `earlier-N` below it.

    Returns:
        Where it lies now, or `None` if there was nothing.

    Raises:
        RunError: If another process trains in it.
    """
    found = [
        path
        for path in folder.glob("*")
        if not path.name.startswith("earlier-") and path.name not in (LOCK, *OF_THE_JOB)
    ]
    if not found:
        return None
    with run_lock(folder):
        return _move(folder, found)


def _move(folder: Path, found: list[Path]) -> Path:
    number = 1
    while (target := folder / f"earlier-{number}").exists():
        number += 1
    target.mkdir()
    # The settings last: until then the training is begun where it was.
    for path in sorted(found, key=lambda one: one.name == SETTINGS):
        path.rename(target / path.name)
    return target


def changes(old: Any, new: Any, place: str = "") -> list[tuple[str, Any, Any]]:
    """Where two trees of plain settings differ, as place, old and new value."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = [*old, *(name for name in new if name not in old)]
        pairs = [(name, old.get(name), new.get(name)) for name in names]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(str(n), *pair) for n, pair in enumerate(zip(old, new, strict=True))]
    else:
        return [] if old == new else [(place, old, new)]
    prefix = f"{place}." if place else ""
    return [one for name, a, b in pairs for one in changes(a, b, f"{prefix}{name}")]


def differences(old: Any, new: Any) -> list[str]:
    """Where two trees of plain settings differ, as `place: old -> new`."""
    return [f"{place}: {a!r} -> {b!r}" for place, a, b in changes(old, new)]


def stages_begun(folder: Path) -> int:
    """Number of stages of which at least one step may have been trained."""
    found = CheckpointStore(folder / CHECKPOINTS).load()
    if found is None:
        return 0
    facts = found.state.facts
    inside = facts["epoch"] or facts["step"]
    return int(facts["stage"]) if inside else int(facts["stage"]) - 1


def _check_same(folder: Path, settings: Settings, identity: str | None) -> None:
    try:
        old = validate(read_content(folder / SETTINGS), source=str(folder / SETTINGS))
    except SettingsError as error:
        raise RunError(
            f"{folder / SETTINGS} must hold the settings of the training that was "
            f"begun. Received: {error}. Restore it, or start anew with --fresh."
        ) from error
    begun = stages_begun(folder)
    found = differences(trained_part(old, begun), trained_part(settings, begun))
    if found:
        more = f" and {len(found) - LISTED} more" if len(found) > LISTED else ""
        raise RunError(
            f"The settings of {folder} must not change in what is trained already. "
            f"Received: {'; '.join(found[:LISTED])}{more}. Restore them, name another "
            "folder, or start anew with --fresh."
        )
    known = _known_tracks(folder)
    if known is not None and identity is not None and known != identity:
        raise RunError(
            f"{folder} must go on with the tracks that it was begun with. Received: "
            "other files or other content. Restore them, name another folder, or "
            "start anew with --fresh."
        )


def trained_part(settings: Settings, begun: int) -> dict[str, Any]:
    """What must not change once `begun` stages have been begun."""
    content = settings.to_dict()
    kept = {name: content[name] for name in ("seed", "data", "model")}
    # Where tracks lie does not matter: what they are is compared on its own.
    kept["data"] = {
        name: kept["data"][name] for name in ("label", "selection", "split")
    }
    return kept | {"training": content["training"][:begun]}


def _known_tracks(folder: Path) -> str | None:
    try:
        content = json.loads((folder / DATA).read_text("utf-8"))
        return content["tracks"] and str(content["tracks"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read_spec(path: Path) -> InputSpec:
    try:
        return InputSpec.from_json(path.read_text("utf-8"))
    except (OSError, TypeError, ValueError) as error:
        raise RunError(
            f"{path} must hold the inputs of the training that was begun. Received: "
            f"{error}. Restore it, or start anew with --fresh."
        ) from error
