"""The check that `network` and `export` are ours and not somebody else's folder."""

from __future__ import annotations

import importlib.machinery
import importlib.util
from pathlib import Path

SIBLINGS = {"network": "builder.py", "export": "exporter.py"}


def check_siblings() -> None:
    """Make sure that the packages beside `trackdnn` are not hidden.

    Nothing is imported: the import system is only asked where each package lies.

    Raises:
        ImportError: If a sibling is missing, or another folder of its name comes
            first on the import path; the message names that folder.
    """
    for name, landmark in SIBLINGS.items():
        spec = importlib.util.find_spec(name)
        found = _folder(spec)
        if found is None or not (found / landmark).is_file():
            raise ImportError(_explanation(name, found))


def _folder(spec: importlib.machinery.ModuleSpec | None) -> Path | None:
    if spec is None:
        return None
    for place in spec.submodule_search_locations or ():
        return Path(place)
    return None if spec.origin is None else Path(spec.origin)


def _explanation(name: str, found: Path | None) -> str:
    if found is None:
        return (
            f"The package `{name}` of trackdnn is not installed beside it. "
            "Install trackdnn again: pip install --force-reinstall trackdnn"
        )
    return (
        f"The package `{name}` of trackdnn is hidden by {found}. Rename that folder, "
        "or start Python from another one, so that it does not come first on the path."
    )
