"""The trials of a search as a table, and the settings of the best."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from typing import TYPE_CHECKING, Any

from trackdnn.data.prepared.atomic import write_bytes
from trackdnn.training.run import to_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from trackdnn.search.plan import Plan

BEST, TABLE = "best.yaml", "trials.csv"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """One trial.

    Args:
        number: From 0.
        state: `complete`, `pruned`, `fail` or `running`.
        value: The figure of its network; of its last epoch, if it was pruned.
        epochs: Number of epochs that were reported.
        values: What was drawn, by key.
        error: Why it failed.
    """

    number: int
    state: str
    value: float | None
    epochs: int
    values: dict[str, Any]
    error: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Results:
    """All trials so far.

    Args:
        rows: In the order of their numbers.
        monitor: Name of the figure.
        upwards: Whether greater figures are better.
    """

    rows: tuple[Row, ...]
    monitor: str
    upwards: bool

    @property
    def ranked(self) -> tuple[Row, ...]:
        """Trials that came to their end, the best first."""
        sign = -1 if self.upwards else 1
        done = [
            (sign * row.value, row.number, row)
            for row in self.rows
            if row.state == "complete" and row.value is not None
        ]
        return tuple(row for _, _, row in sorted(done, key=lambda one: one[:2]))

    @property
    def best(self) -> Row | None:
        """The best trial, if one came to its end."""
        return next(iter(self.ranked), None)

    @property
    def running(self) -> int:
        """Number of trials that others are at."""
        return self.count("running")

    def count(self, state: str) -> int:
        """Number of trials in a state."""
        return sum(row.state == state for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """All trials as plain values."""
        return {
            "monitor": self.monitor,
            "best": self.best and self.best.number,
            "trials": [dataclasses.asdict(row) for row in self.rows],
        }


def results(study: Study, plan: Plan) -> Results:
    """The trials of a study."""
    return Results(
        rows=tuple(_row(one, plan) for one in study.get_trials(deepcopy=False)),
        monitor=plan.monitor,
        upwards=plan.direction == "maximize",
    )


def write_results(found: Results, plan: Plan, folder: Path) -> None:
    """Writes `trials.csv`, and `best.yaml` if a trial came to its end.

    Args:
        found: The trials.
        plan: What the search is.
        folder: Its folder.

    Raises:
        OutputError: If a file cannot be written; what was there before stays.
    """
    write_bytes(folder / TABLE, _csv(found, plan).encode())
    if found.best is not None:
        settings = plan.space.settings(found.best.values, "the best trial")
        write_bytes(folder / BEST, to_yaml(settings).encode())


def _row(trial: FrozenTrial, plan: Plan) -> Row:
    drawn, written = trial.params, plan.space.in_json
    return Row(
        number=trial.number,
        state=trial.state.name.lower(),
        value=trial.value,
        epochs=len(trial.intermediate_values),
        values={
            name: json.loads(value) if name in written else value
            for name, value in drawn.items()
        },
        error=str(trial.user_attrs.get("error", "")),
    )


def _csv(found: Results, plan: Plan) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(plan.space.varied)
    writer.writerow(["trial", "state", found.monitor, "epochs", *names, "error"])
    for row in found.rows:
        value = "" if row.value is None else f"{row.value:.9g}"
        drawn = [_as_text(row.values.get(name, "")) for name in names]
        error = _as_text(row.error)
        writer.writerow([row.number, row.state, value, row.epochs, *drawn, error])
    return text.getvalue()


def _as_text(value: Any) -> str:
    """A value that no spreadsheet takes for a formula; numbers stay numbers."""
    text = in_words(value)
    formula = isinstance(value, str) and text.startswith(("=", "+", "-", "@", "\t"))
    return f"'{text}" if formula else text


def in_words(value: Any) -> str:
    """A drawn value for people, floats to nine digits."""
    if isinstance(value, float):
        return f"{value:.9g}"
    return value if isinstance(value, str) else json.dumps(value)
