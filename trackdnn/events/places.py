"""Which file of an event is there: plain, or compressed, but not both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackdnn.errors import BadFileError

if TYPE_CHECKING:
    from pathlib import Path

ENDINGS = (".csv", ".csv.gz")


def one_of(folder: Path, stem: str) -> Path | None:
    """`<stem>.csv` or `<stem>.csv.gz`, or `None` if neither is there.

    Raises:
        BadFileError: If both are: no one can say which is meant.
    """
    paths = [folder / f"{stem}{ending}" for ending in ENDINGS]
    found = [path for path in paths if path.is_file()]
    if len(found) > 1:
        raise BadFileError(
            f"'{folder}' must have one of '{paths[0].name}' and '{paths[1].name}'. "
            "Received: both. Take one of them away."
        )
    return found[0] if found else None


def tables_near(folder: Path) -> Path | None:
    """The table of modules beside the events or one folder above, as it is shipped."""
    return one_of(folder, "detectors") or one_of(folder.absolute().parent, "detectors")
