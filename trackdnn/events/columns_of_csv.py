"""Columns of numbers out of CSV files, plain or gzip, exactly or not at all.

Whole numbers stay whole: an id of 18 digits never passes through a float. Lines are
counted from 1, the header, as an editor counts them.
"""

from __future__ import annotations

import csv
import dataclasses
import gzip
import re
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from trackdnn.errors import BadFileError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

# A header; what is longer is no text of columns.
_LONGEST = 100_000
_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"
_BAD_VALUE = re.compile(r"In CSV column #(\d+): Row #(\d+): .*invalid value '(.*)'$")
_BAD_ROW = re.compile(r"Row #(\d+): Expected (\d+) columns, got (\d+)")
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}
_KINDS = {
    "int64": "whole numbers of at most 64 bits",
    "int32": "whole numbers of at most 32 bits",
    "uint64": "whole numbers of at most 64 bits, not negative",
    "float32": "numbers",
    "float64": "numbers",
}


@dataclasses.dataclass(frozen=True)
class Table:
    """Columns of one file, all of the same length.

    Args:
        path: The file.
        columns: Arrays by name.
    """

    path: Path
    columns: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def require(
        self, name: str, good: NDArray[np.bool_], must: str, advice: str
    ) -> None:
        """Refuses the file at the first row that is not good.

        Args:
            name: Column that is judged.
            good: Of shape `(rows,)`.
            must: What must hold, such as `"be finite"`.
            advice: A sentence on what to do.

        Raises:
            BadFileError: With file, column, line and value.
        """
        if good.all():
            return
        wrong = np.flatnonzero(~good)
        more = f" ({len(wrong)} such rows)" if len(wrong) > 1 else ""
        raise BadFileError(
            f"Column '{name}' of '{self.path}' must {must}. Received: "
            f"{self[name][wrong[0]]!s} in line {wrong[0] + 2}{more}. {advice}"
        )

    def require_finite(
        self, *names: str, where: NDArray[np.bool_] | None = None
    ) -> None:
        """Refuses NaN and infinity, in some of the rows if `where` is given."""
        for name in names:
            good = np.isfinite(self[name])
            if where is not None:
                good |= ~where
            advice = "Correct the row, or leave out what it describes."
            self.require(name, good, "hold finite numbers", advice)

    def require_within(
        self, most: float, *names: str, where: NDArray[np.bool_] | None = None
    ) -> None:
        """Refuses numbers beyond a limit, in some of the rows if `where` is given.

        NaN is not looked at.
        """
        for name in names:
            must = f"be from {-most:,.0f} to {most:,.0f}"
            good = ~(np.abs(self[name]) > most)
            if where is not None:
                good |= ~where
            self.require(name, good, must, "Correct the row, or take it out.")

    def require_unique(self, name: str) -> None:
        """Refuses a value that comes twice; names the second of them."""
        order = np.argsort(self[name], kind="stable")
        ordered = self[name][order]
        good = np.ones(len(self), dtype=bool)
        good[order[1:]] = ordered[1:] != ordered[:-1]
        advice = "Take one of the two rows out."
        self.require(name, good, "hold each value once", advice)


def read_table(path: Path, kinds: Mapping[str, str]) -> Table:
    """Reads the named columns of a file; others may be there and are not looked at.

    Args:
        path: A CSV file with a header; `.gz` at the end says that it is compressed.
        kinds: Columns to read, with `int32`, `int64`, `uint64`, `float32` or
            `float64`.

    Raises:
        BadFileError: If the file is missing, damaged, not CSV, lacks a column, or has
            a row that is too short or holds no number.
    """
    content = _content(path)
    header, _, rows = content.partition(b"\n")
    names = _header(path, header)
    _check_header(path, names, kinds)
    if not rows:
        empty = {name: np.empty(0, dtype=kind) for name, kind in kinds.items()}
        return Table(path, empty)
    table = _parse(path, rows, names, kinds)
    return Table(path, {name: table[name].to_numpy() for name in kinds})


def column_names(path: Path) -> list[str]:
    """The header of a file.

    Raises:
        BadFileError: As `read_table`.
    """
    return _header(path, _content(path).partition(b"\n")[0])


def _content(path: Path) -> bytes:
    """All of the file, decompressed, without blank lines at the end."""
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadFileError(
            f"'{path}' must be a file that can be read. Received: {reason}. Check the "
            "name and the permissions."
        ) from error
    zipped = path.suffix == ".gz"
    if content and zipped != content.startswith(_GZIP):
        what, name = ("no gzip", ".csv") if zipped else ("gzip", ".csv.gz")
        raise BadFileError(
            f"'{path}' must hold what its ending says. Received: {what} data. Rename "
            f"it to end with '{name}', or fetch it again."
        )
    try:
        content = gzip.decompress(content) if zipped else content
    except (OSError, EOFError, zlib.error) as error:
        raise BadFileError(
            f"'{path}' must be whole gzip data. Received: {error}. It is truncated or "
            "damaged: fetch it again."
        ) from error
    return content.removeprefix(_MARK).rstrip()


def _header(path: Path, line: bytes) -> list[str]:
    if not line.strip():
        raise BadFileError(
            f"'{path}' must begin with a line of column names. Received: nothing. "
            "Fetch it again, or take it away."
        )
    try:
        text = line.decode("utf-8").strip()
    except UnicodeDecodeError:
        text = "\0"
    if len(text) > _LONGEST:
        text = "\0"
    if not text.isprintable() and not text.replace("\t", " ").isprintable():
        raise BadFileError(
            f"'{path}' must be text with columns separated by commas. Received: "
            "binary data. Fetch it again, or take it away."
        )
    # Tabs separate nothing where there are commas.
    text = text.replace("\t", " ") if "," in text else text
    return [name.strip() for name in next(csv.reader([text]))]


def _check_header(path: Path, names: list[str], kinds: Mapping[str, str]) -> None:
    """Every wanted column must be there, once."""
    for name in kinds:
        if names.count(name) > 1:
            raise BadFileError(
                f"'{path}' must have one column '{name}'. Received: "
                f"{names.count(name)}. Take the others out."
            )
        if name not in names:
            raise BadFileError(_missing(path, name, names))


def _missing(path: Path, name: str, names: list[str]) -> str:
    other = [word for sign, word in _OTHER_SEPARATORS.items() if sign in names[0]]
    if len(names) == 1 and other:
        return (
            f"'{path}' must have columns separated by commas. Received: {other[0]} in "
            "the header. Write it again with commas."
        )
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return (
        f"'{path}' must have a column '{name}'. Received: {shown}."
        f"{nearest(name, names) or ' Is it a file of another kind?'}"
    )


def _parse(
    path: Path, rows: bytes, names: list[str], kinds: Mapping[str, str]
) -> pa.Table:
    """The rows below the header; one thread, so that an error knows its row."""
    # Unnamed and repeated columns are allowed where they are not read.
    unique = [name if name in kinds else f"#{i}" for i, name in enumerate(names)]
    try:
        return pa.csv.read_csv(
            pa.BufferReader(rows),
            read_options=pa.csv.ReadOptions(use_threads=False, column_names=unique),
            parse_options=pa.csv.ParseOptions(ignore_empty_lines=False),
            convert_options=pa.csv.ConvertOptions(
                column_types={
                    name: pa.from_numpy_dtype(np.dtype(kind))
                    for name, kind in kinds.items()
                },
                include_columns=list(kinds),
                null_values=[],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise BadFileError(_wrong(path, str(error), names, kinds)) from error


def _wrong(path: Path, text: str, names: list[str], kinds: Mapping[str, str]) -> str:
    if found := _BAD_VALUE.search(text):
        name, value = names[int(found[1])], found[3] or "nothing"
        return (
            f"Column '{name}' of '{path}' must hold {_KINDS[kinds[name]]}. Received: "
            f"{_shown(value)} in line {int(found[2]) + 1}. Correct that line."
        )
    if found := _BAD_ROW.search(text):
        return (
            f"Each line of '{path}' must have {found[2]} columns, as its header. "
            f"Received: {found[3]} in line {int(found[1]) + 1}. The file is truncated "
            "or damaged: correct that line, or fetch the file again."
        )
    first = _shown(text.splitlines()[0])
    return f"'{path}' must be a CSV file. Received: {first}. Fetch it again."


def _shown(value: str) -> str:
    """A value for one line of a message, whatever bytes it is made of."""
    return value[:80] if value.isprintable() else ascii(value[:40])
