"""The rate of true edges against pile-up, as a table and as a picture."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.evaluation.intervals import Fraction, fraction
from trackdnn.evaluation.plots.style import COLOURS, MARKERS, draw, put_label
from trackdnn.evaluation.tables import Plain
from trackdnn.events.event import without_truth
from trackdnn.events.views import View
from trackdnn.graphs.quality import edge_quality
from trackdnn.settings.finding import ViewSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from trackdnn.events.event import Event
    from trackdnn.graphs.constructor import Constructor

_CONFIDENCE = 0.683
# Of a small share of an event there are few edges: it is drawn this often at most.
_DRAWS = 20


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rate:
    """What a constructor finds at one pile-up.

    Args:
        name: Of the constructor.
        pile_up: Collisions at a time.
        hits: Mean number of hits of an event.
        true: True edges in the graphs, of all.
        false: Other edges in the graphs, of all other pairs of hits.
        purity: True edges among those of the graphs.
    """

    name: str
    pile_up: float
    hits: float
    true: Fraction
    false: float
    purity: float


def rates(
    name: str,
    made: Constructor,
    event: Event,
    full: float,
    pile_up: Sequence[float],
) -> Iterator[Rate]:
    """Rates at several pile-ups, by drawing particles of one event.

    Args:
        name: Of the constructor.
        made: The constructor.
        event: A large event with truth.
        full: Its pile-up.
        pile_up: What to draw, at most `full`.
    """
    for mu in pile_up:
        share = min(mu / full, 1.0)
        draws = min(int(np.ceil(1 / share)), _DRAWS)
        parts = [
            View(ViewSettings(particles=share, seed=seed), "evaluation").apply(event)
            for seed in range(1, draws + 1)
        ]
        yield _rate(name, made, parts, mu)


def _rate(
    name: str, made: Constructor, events: Sequence[Event], pile_up: float
) -> Rate:
    found = [
        edge_quality(event, made.build(without_truth(event)), "modulewise")
        for event in events
    ]
    total = sum(found[1:], start=found[0])
    passed, true = total.above(0.0)
    pairs = sum(len(event) * (len(event) - 1) // 2 for event in events)
    return Rate(
        name=name,
        pile_up=pile_up,
        hits=total.hits / len(events),
        true=fraction(passed, true, _CONFIDENCE),
        false=(total.edges - total.right) / max(pairs - true, 1),
        purity=total.right / max(total.edges, 1),
    )


def rates_table(found: Sequence[Rate]) -> Plain:
    """The rates, with their errors."""
    header = ("Model", "Pile-up", "Hits", "True-edge rate", "False", "Purity")
    rows = [
        (
            rate.name,
            f"{rate.pile_up:g}",
            f"{rate.hits:,.0f}",
            _with_error(rate.true),
            f"{rate.false:.2e}",
            f"{rate.purity:.4f}",
        )
        for rate in found
    ]
    return Plain("Rate of true edges against pile-up", header, tuple(rows))


def draw_rates(found: Sequence[Rate], folder: Path) -> list[Path]:
    """A picture of the rates; gives the files."""

    def paint(figure: Figure) -> None:
        axes = figure.add_subplot()
        names = list(dict.fromkeys(rate.name for rate in found))
        for name, colour, marker in zip(names, COLOURS, MARKERS, strict=False):
            mine = [rate for rate in found if rate.name == name and rate.true.total]
            low = [rate.true.value - rate.true.lower for rate in mine]
            high = [rate.true.upper - rate.true.value for rate in mine]
            axes.errorbar(
                [rate.pile_up for rate in mine],
                [rate.true.value for rate in mine],
                yerr=[low, high],
                color=colour,
                marker=marker,
                label=name,
            )
        axes.set_xscale("log")
        axes.set_xlabel("Collisions at a time")
        axes.set_ylabel("Rate of true edges")
        axes.legend()
        put_label(axes)

    return draw(folder, "true_edges", paint)


def _with_error(rate: Fraction) -> str:
    if rate.value is None:
        return "-"
    high, low = rate.upper - rate.value, rate.value - rate.lower
    return f"{rate.value:.4f} +{high:.4f} -{low:.4f}"
