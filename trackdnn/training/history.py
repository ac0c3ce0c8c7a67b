"""What happened in each epoch: as rows, as CSV, and as JSON lines that grow.

`history.jsonl` has one JSON object per epoch. A training that goes on from a checkpoint
repeats epochs that came after it; a row therefore replaces all that it goes back over,
and half a line at the end, as a power cut leaves it, is no row.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackdnn.data.prepared.atomic import write_bytes, write_errors
from trackdnn.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

JSONL, CSV = "history.jsonl", "history.csv"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Epoch:
    """One row of the history.

    Args:
        epoch: Number in its stage, from 1.
        loss: Mean weighted loss over the training tracks, while they were trained on.
        val_loss: Mean weighted loss over the validation tracks, after the epoch.
        val_auc: Area under the ROC of all validation tracks, unweighted.
        learning_rate: Learning rate of the last step.
        seconds: Time of the epoch, validation included.
        tracks_per_second: Training tracks per second, validation excluded.
        stall: Seconds in which the steps waited for tracks.
        stage: Number of the stage, from 1.
        memory_mb: Most memory that the process has held so far, in MB (1e6 bytes).
        rates: Learning rate of the last step by parameter group, where there are
            several.
        metrics: Further figures by name.
    """

    epoch: int
    loss: float
    val_loss: float
    val_auc: float
    learning_rate: float
    seconds: float
    tracks_per_second: float
    stall: float = 0.0
    stage: int = 1
    memory_mb: float = 0.0
    rates: dict[str, float] = dataclasses.field(default_factory=dict)
    metrics: dict[str, float] = dataclasses.field(default_factory=dict)

    def line(self, epochs: int) -> str:
        """The row in words, for people."""
        return (
            f"epoch {self.epoch}/{epochs}: loss {self.loss:.4f}, "
            f"val_loss {self.val_loss:.4f}, val_auc {self.val_auc:.5f}, "
            f"{self.tracks_per_second:,.0f} tracks/s, {self.seconds:.1f} s, "
            f"{self.stall:.2f} s of it waiting for tracks"
        )

    def scalars(self) -> dict[str, float]:
        """The row without what hangs together by name: one number per column."""
        return {name: getattr(self, name) for name in COLUMNS}


_NAMED = ("rates", "metrics")
_FIELDS = tuple(field.name for field in dataclasses.fields(Epoch))
COLUMNS = tuple(name for name in _FIELDS if name not in _NAMED)


def to_csv(history: Iterable[Epoch]) -> str:
    """The history as CSV with a header, floats to nine digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in history:
        values = row.scalars().values()
        writer.writerow(f"{v:.9g}" if isinstance(v, float) else v for v in values)
    return text.getvalue()


def write_history(run: Path, history: Iterable[Epoch]) -> None:
    """Writes `history.jsonl` anew: what was trained before the next epoch.

    Args:
        run: Folder of the run.
        history: Rows so far, of all stages.

    Raises:
        OutputError: If it cannot be written; the one before stays then.
    """
    write_bytes(run / JSONL, b"".join(_line(row) for row in history))


def append_history(run: Path, row: Epoch) -> None:
    """Adds an epoch to `history.jsonl`; it is on disk when this returns.

    Half a line that another process has left at the end is removed.

    Raises:
        OutputError: If it cannot be written.
    """
    path = run / JSONL
    with write_errors(path):
        path.touch()
        with path.open("r+b") as stream:
            stream.seek(_end_of_last_line(path))
            stream.truncate()
            stream.write(_line(row))
            stream.flush()
            os.fsync(stream.fileno())


def read_history(run: Path) -> tuple[Epoch, ...]:
    """The epochs of a run, from `history.jsonl` or else `history.csv`.

    Args:
        run: Folder of the run, which may be trained at this moment.

    Returns:
        Rows in their order; none if the run has neither file.

    Raises:
        RunError: If a line is damaged, other than the last one by half.
    """
    for name, parse in ((JSONL, _parse_json), (CSV, _parse_csv)):
        path = run / name
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise _bad(path, str(error)) from error
        return _in_order(parse(path, text))
    return ()


def _line(row: Epoch) -> bytes:
    content = dataclasses.asdict(row)
    # People look for the place first.
    first = {"stage": content.pop("stage"), "epoch": content.pop("epoch")}
    return json.dumps({**first, **content}).encode() + b"\n"


def _end_of_last_line(path: Path) -> int:
    return path.read_bytes().rfind(b"\n") + 1


def _parse_json(path: Path, text: str) -> list[Epoch]:
    # What follows the last line break is half a line, or nothing.
    lines = enumerate(text.split("\n")[:-1], start=1)
    return [_row(path, number, line, json.loads) for number, line in lines]


def _parse_csv(path: Path, text: str) -> list[Epoch]:
    header, *lines = text.split("\n")[:-1] or [""]

    def read(line: str) -> Any:
        return next(csv.DictReader([header, line]))

    return [_row(path, number, line, read) for number, line in enumerate(lines, 2)]


def _row(path: Path, number: int, line: str, read: Callable[[str], Any]) -> Epoch:
    try:
        return _from_content(read(line))
    except (TypeError, ValueError, AttributeError, LookupError, csv.Error) as error:
        raise _bad(path, f"line {number}: {str(error)[:80]}") from error
    except (RecursionError, StopIteration) as error:
        raise _bad(path, f"line {number}: {type(error).__name__}") from error


def _from_content(content: dict[str, Any]) -> Epoch:
    """A row from what a file holds; columns that we do not know are metrics."""
    known: dict[str, Any] = {
        name: int(value) if name in ("stage", "epoch") else float(value)
        for name, value in content.items()
        if name in COLUMNS
    }
    named: dict[str, Any] = {name: dict(content.get(name) or {}) for name in _NAMED}
    for name, value in content.items():
        if name not in _FIELDS and isinstance(value, (int, float)):
            named["metrics"][name] = float(value)
    return Epoch(**known, **named)


def _in_order(rows: list[Epoch]) -> tuple[Epoch, ...]:
    """The rows without those that a later one goes back over."""
    kept: list[Epoch] = []
    for row in rows:
        while kept and (kept[-1].stage, kept[-1].epoch) >= (row.stage, row.epoch):
            kept.pop()
        kept.append(row)
    return tuple(kept)


def _bad(path: Path, received: str) -> RunError:
    return RunError(
        f"{path} must hold one epoch per line. Received: {received}. The training goes "
        "on without it: remove the file, and the same command writes it again."
    )
