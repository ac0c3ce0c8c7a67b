"""The figures of an evaluation as tables: on a console, and in `report.md`."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from export.markdown import escaped
from trackdnn.data.features import algorithm_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from trackdnn.evaluation.bootstrap import Interval
    from trackdnn.evaluation.discrimination import Discrimination, PointOnCurve
    from trackdnn.evaluation.intervals import Fraction
    from trackdnn.evaluation.result import Evaluation

ABSENT = "-"
# Columns of words; all others hold figures.
_TEXTS = frozenset(
    {
        "Classifier",
        "Compression",
        "File",
        "Input",
        "Iteration",
        "Model",
        "Recipe",
        "Remark",
    }
    | {"Target", "Working point"}
)


@dataclasses.dataclass(frozen=True)
class Plain:
    """A table as texts.

    Args:
        title: What it shows.
        header: Names of the columns.
        rows: Texts of the rows.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_rich(self) -> Table:
        """For a rich console; text columns left, figures right."""
        from rich.table import Table

        table = Table(title=self.title, title_justify="left")
        for name in self.header:
            table.add_column(name, justify="left" if name in _TEXTS else "right")
        for row in self.rows:
            table.add_row(*row)
        return table

    def to_markdown(self) -> str:
        """As Markdown, with the title as a heading."""
        marks = [":--" if name in _TEXTS else "--:" for name in self.header]
        lines = [f"## {self.title}", "", *map(_row, (self.header, marks, *self.rows))]
        return "\n".join([*lines, ""])


def overall_table(evaluation: Evaluation) -> Table:
    """AUC and fake acceptance of every classifier."""
    return _overall(evaluation).to_rich()


def iteration_table(evaluation: Evaluation) -> Table:
    """The same for each iteration."""
    return _iterations(evaluation).to_rich()


def working_point_table(evaluation: Evaluation) -> Table:
    """Cuts of the network and what they do."""
    return _working_points(evaluation).to_rich()


def report(evaluation: Evaluation) -> str:
    """The whole report as Markdown."""
    sample = evaluation.sample
    head = [
        "# Evaluation of the track classifier",
        "",
        f"{sample.tracks:,} tracks ({sample.true:,} true, {sample.fake:,} fake) of "
        f"{sample.events:,} events; samples: {escaped(', '.join(sample.names))}.",
        "",
        "*Efficiency*: true tracks that pass, of the true tracks. *Fake acceptance*: "
        "fake tracks that pass, of the fake tracks. *Fake rate*: fakes, of the tracks "
        "that pass. The figure after ± is half the width of the central "
        f"{100 * evaluation.settings.confidence:g} % interval: bootstrap by event if "
        "there are replicas, else Clopper-Pearson; evaluation.json has both ends.",
        "",
    ]
    if evaluation.training_auc is not None:
        head += [
            f"AUC on tracks of the training: {evaluation.training_auc:.4f}; "
            f"on the tracks of this report: {evaluation.auc:.4f}.",
            "",
        ]
    parts = [_overall(evaluation), _iterations(evaluation), _working_points(evaluation)]
    if evaluation.importance:
        parts.append(_importance(evaluation))
    notes = [f"- {escaped(note)}" for note in evaluation.notes]
    tail = ["## Notes", "", *notes, ""] if notes else []
    return "\n".join([*head, *(part.to_markdown() for part in parts), *tail])


def percent(value: float | None) -> str:
    """A fraction in per cent with three significant digits, such as `12.6 %`."""
    if value is None:
        return ABSENT
    return f"{_three_digits(100 * value)} %"


def with_interval(value: float, interval: Interval | None) -> str:
    """An area and half the width of its interval, such as `0.9770 ± 0.0005`."""
    if interval is None:
        return f"{value:.4f}"
    return f"{value:.4f} ± {0.5 * (interval[1] - interval[0]):.4f}"


def _overall(evaluation: Evaluation) -> Plain:
    targets = evaluation.settings.efficiencies
    header = ["Classifier", "AUC"]
    for target in targets:
        header += [f"at {100 * target:g} %", "fake rate"]
    rows = []
    for one in evaluation.classifiers:
        row = [one.title, _auc(one.overall)]
        for point in one.overall.points:
            row += [_acceptance(point), percent(point.fake_rate.value)]
        rows.append(tuple(row))
    title = "All tracks: fake acceptance, fake rate at fixed true-track efficiency"
    return Plain(title, tuple(header), tuple(rows))


def _iterations(evaluation: Evaluation) -> Plain:
    targets = evaluation.settings.efficiencies
    header = ["Iteration", "Classifier", "True", "Fake", "AUC"]
    header += [f"at {100 * target:g} %" for target in targets]
    rows = []
    for algo in evaluation.network.iterations:
        for one in evaluation.classifiers:
            found = one.iterations[algo]
            cells = [_acceptance(point) for point in found.points]
            cells = cells or [ABSENT] * len(targets)
            counts = (f"{found.true:,}", f"{found.fake:,}")
            rows.append((algorithm_name(algo), one.title, *counts, _auc(found), *cells))
    title = "Per iteration: fake acceptance at fixed true-track efficiency"
    return Plain(title, tuple(header), tuple(rows))


def _working_points(evaluation: Evaluation) -> Plain:
    found = evaluation.working_points
    header = ["Iteration", "Working point", "Target", "Score >"]
    header += ["Efficiency", "Fake acceptance", "Fake rate", "Remark"]
    groups = [("all tracks", found.overall)]
    groups += [(algorithm_name(algo), cuts) for algo, cuts in found.iterations.items()]
    rows = []
    for name, cuts in groups:
        for point in found.points:
            cut = cuts[point.name]
            sign = "≥" if point.target == "efficiency" else "≤"
            words = point.target.replace("_", " ")
            target = f"{words} {sign} {100 * point.value:g} %"
            shown = (cut.efficiency, cut.fake_acceptance, cut.fake_rate)
            figures = [percent(one.value) for one in shown]
            remark = "cut of all tracks" if cut.fallback else cut.remark
            rows.append((name, point.name, target, f"{cut.cut:.4f}", *figures, remark))
    title = "Working points on the score 2p - 1"
    return Plain(title, tuple(header), tuple(rows))


def _importance(evaluation: Evaluation) -> Plain:
    rows = tuple(
        (one.name, f"{one.drop:.5f}", f"{one.spread:.5f}")
        for one in evaluation.importance
    )
    return Plain(
        "Permutation importance", ("Input", "Loss of AUC", "± (repeats)"), rows
    )


def _auc(found: Discrimination) -> str:
    return ABSENT if found.auc is None else with_interval(found.auc, found.auc_interval)


def _acceptance(point: PointOnCurve) -> str:
    ends = point.bootstrap or _ends(point.fake_acceptance)
    value = point.fake_acceptance.value
    if ends is None or value is None:
        return percent(value)
    half = 0.5 * (ends[1] - ends[0])
    return f"{_three_digits(100 * value)} ± {_three_digits(100 * half)} %"


def _three_digits(value: float) -> str:
    """Three significant digits below 10, one decimal above, no exponent."""
    if value >= 10 or value == 0:
        return f"{value:.1f}"
    decimals = min(2 - math.floor(math.log10(value)), 6)
    return f"{value:.{decimals}f}"


def _ends(one: Fraction) -> Interval | None:
    if one.lower is None or one.upper is None:
        return None
    return one.lower, one.upper


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(escaped, cells))} |"
