"""From what the user names (files, globs, folders) to a list of ROOT files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.errors import BadFileError, InputError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackdnn.settings import Sample

SUFFIX = ".root"


def expand(samples: Sequence[Sample]) -> list[tuple[str, Path]]:
    """The files of the samples, each once, in the order they are named.

    A name may be a file, a glob pattern (`*`, `?`, `[...]`, `**`) or a folder, which
    stands for all `*.root` files at any depth below it; `~` is the home folder. Files
    found by a pattern or in a folder come sorted by path.

    Args:
        samples: Named sets of files.

    Returns:
        Pairs of sample name and file.

    Raises:
        BadFileError: If a file, a folder or a match of a pattern does not exist, or
            a file is not called `*.root`.
        InputError: If no file is named at all, or two samples share a file.
    """
    if not any(sample.files for sample in samples):
        raise InputError(
            "At least one ROOT file must be named. "
            f"Received: samples={[sample.name for sample in samples]}. "
            "Set `data.samples`, or give files on the command line."
        )
    owners: dict[Path, str] = {}
    found: list[tuple[str, Path]] = []
    for sample in samples:
        for name in sample.files:
            for path in _expand_name(name):
                owner = owners.setdefault(path.resolve(), sample.name)
                if owner != sample.name:
                    raise InputError(
                        f"A file must belong to one sample only. Received: '{path}' "
                        f"in samples '{owner}' and '{sample.name}'. "
                        "Leave it out of one of them."
                    )
                found.append((sample.name, path))
    return _each_once(found)


def _expand_name(name: str) -> list[Path]:
    """The files that one name of the settings stands for."""
    if "://" in name:
        raise BadFileError(
            f"A ROOT file must lie on a local or mounted disk. Received: '{name}'. "
            "Copy it first, for instance with xrdcp."
        )
    path = _home(name)
    if path.is_dir():
        return _in_folder(path)
    if path.exists():
        return [_checked(path)]
    if any(letter in name for letter in "*?["):
        return _matches(path)
    raise BadFileError(_missing(path))


def _home(name: str) -> Path:
    """The path with `~` replaced; without a known home the name stays as it is."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def _in_folder(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.rglob(f"*{SUFFIX}") if path.is_file())
    if not files:
        raise BadFileError(
            f"A folder must hold at least one *{SUFFIX} file. Received: '{folder}'"
        )
    return files


def _checked(path: Path) -> Path:
    if path.suffix != SUFFIX or not path.is_file():
        raise BadFileError(
            f"An input must be a *{SUFFIX} file, a folder or a glob pattern. "
            f"Received: '{path}'"
        )
    return path


def _matches(pattern: Path) -> list[Path]:
    """Files and folders that match a pattern; other files than ROOT files do not."""
    parts = pattern.parts
    first = next(i for i, part in enumerate(parts) if set("*?[") & set(part))
    base = Path(*parts[:first])
    try:
        matches = sorted(base.glob(str(Path(*parts[first:]))))
    except ValueError as error:
        raise BadFileError(f"The pattern '{pattern}' must be valid: {error}") from error
    files: list[Path] = []
    for match in matches:
        if match.is_dir():
            files += sorted(match.rglob(f"*{SUFFIX}"))
        elif match.suffix == SUFFIX:
            files.append(match)
    if not files:
        raise BadFileError(_missing(pattern))
    return files


def _missing(path: Path) -> str:
    """What to say of a file or a pattern that leads nowhere."""
    kind = "pattern that matches a" if set("*?[") & set(str(path)) else "name of a"
    folder = path.parent
    if not folder.is_dir() and not set("*?[") & set(str(folder)):
        hint = f" There is no folder '{folder}'."
    else:
        known = [item.name for item in folder.glob("*")] if folder.is_dir() else []
        hint = nearest(path.name, known)
    return f"An input must be the {kind} ROOT file or folder. Received: '{path}'.{hint}"


def _each_once(pairs: list[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """The pairs without files named before under another spelling."""
    first: dict[Path, tuple[str, Path]] = {}
    for name, path in pairs:
        first.setdefault(path.resolve(), (name, path))
    return list(first.values())
