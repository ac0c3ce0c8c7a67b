"""Trials of cuts between the points of a grid, drawn by Optuna.

The tree-structured Parzen estimator draws where good points of the grid and of earlier
trials lie close, and bad ones do not. Each trial draws from its own seed, so the same
grid, ranges and seed give the same trials.

Source: Bergstra et al., Algorithms for hyper-parameter optimization, NIPS 2011, §4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackdnn.search.methods import make_sampler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from optuna.study import Study
    from optuna.trial import Trial

    from trackdnn.search.dimensions import Range

    Cuts = dict[str, float]

# Steps of a range are added up as floats; this takes the last digits away.
_DIGITS = 6


def go_on(
    ranges: Mapping[str, Range],
    known: Sequence[Cuts],
    judged: Callable[[Cuts], Cuts],
    *,
    trials: int,
    seed: int,
    step: Callable[[], None] = lambda: None,
) -> list[Cuts]:
    """Tries cuts that are not among the known ones.

    Args:
        ranges: Where each cut is drawn from, by name.
        known: Cuts that were tried, with their `merit`; those that the ranges do not
            hold teach nothing.
        judged: Gives cuts with their `merit`.
        trials: How often cuts are drawn; those that were drawn before are not judged
            again.
        seed: Of the draws.
        step: Called after each trial.

    Returns:
        What `judged` gave for each new point, in the order of the trials.
    """
    from optuna import create_study

    study = create_study(direction="maximize", sampler=make_sampler("tpe", seed, 0))
    done = {_key(ranges, row): row for row in known}
    for row in done.values():
        _teach(study, ranges, row)
    new = []
    for number in range(trials):
        study.sampler = make_sampler("tpe", seed, number)
        trial = study.ask()
        cuts = _draw(trial, ranges)
        key = _key(ranges, cuts)
        if key not in done:
            done[key] = judged(cuts)
            new.append(done[key])
        study.tell(trial, done[key]["merit"])
        step()
    return new


def _teach(study: Study, ranges: Mapping[str, Range], row: Cuts) -> None:
    cuts = {name: row[name] for name in ranges}
    if all(_holds(ranges[name], value) for name, value in cuts.items()):
        study.enqueue_trial(cuts)
        trial = study.ask()
        _draw(trial, ranges)
        study.tell(trial, row["merit"])


def _holds(one: Range, value: float) -> bool:
    """Whether a value lies in a range, and on one of its steps."""
    steps = 0.0 if one.step is None else (value - one.low) / one.step
    return one.low <= value <= one.high and abs(steps - round(steps)) < 1e-8


def _draw(trial: Trial, ranges: Mapping[str, Range]) -> Cuts:
    return {
        name: round(one.suggest(name, trial, whole=isinstance(one.low, int)), _DIGITS)
        for name, one in ranges.items()
    }


def _key(ranges: Mapping[str, Range], cuts: Cuts) -> tuple[float, ...]:
    return tuple(cuts[name] for name in ranges)
