"""Which pictures an evaluation leaves, and what each shows."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trackdnn.data.features import algorithm_name
from trackdnn.evaluation import metrics
from trackdnn.evaluation.plots import (
    calibration,
    history,
    importance,
    profiles,
    roc,
    scores,
    style,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from matplotlib.figure import Figure

    from trackdnn.data.tracks import Tracks
    from trackdnn.evaluation.metrics import RocCurve
    from trackdnn.evaluation.result import Evaluation
    from trackdnn.evaluation.scored import Scored

TrainingScores = tuple[NDArray[np.float32], NDArray[np.bool_]]


@dataclasses.dataclass(frozen=True)
class Picture:
    """One figure to draw.

    Args:
        name: File name without ending.
        paint: Adds axes to an empty figure.
        size: Width and height in inches.
    """

    name: str
    paint: Callable[[Figure], None]
    size: tuple[float, float] = (8.0, 7.0)


def draw_pictures(
    evaluation: Evaluation,
    tracks: Tracks,
    scored: list[Scored],
    *,
    training: TrainingScores | None,
    history_file: Path | None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Path]:
    """Draw everything into the folder `figures` of the evaluation.

    Args:
        evaluation: What was found.
        tracks: The tracks that were judged.
        scored: Scores of every classifier on them.
        training: Scores and labels of tracks of the training.
        history_file: `history.csv` of the run.
        progress: Called with the number of pictures done and the number of all.

    Returns:
        The files written.
    """
    label = np.zeros(0, np.bool_) if tracks.label is None else tracks.label
    pictures = [
        *_curves(evaluation, tracks, label, scored),
        *_profiles(evaluation),
        *_scores(evaluation, label, scored, training),
        *_others(evaluation, history_file),
    ]
    written: list[Path] = []
    for number, one in enumerate(pictures, start=1):
        folder = evaluation.folder / "figures"
        written += style.draw(folder, one.name, one.paint, one.size)
        progress(number, len(pictures))
    return written


def _curves(
    evaluation: Evaluation,
    tracks: Tracks,
    label: NDArray[np.bool_],
    scored: list[Scored],
) -> Iterator[Picture]:
    whole = {one.title: metrics.roc_curve(one.ranking, label) for one in scored}
    targets = evaluation.settings.efficiencies
    yield Picture(
        "roc", functools.partial(roc.paint_roc, curves=whole, efficiencies=targets)
    )
    yield Picture("fake_rate", functools.partial(roc.paint_fake_rate, curves=whole))
    panels: dict[str, dict[str, RocCurve]] = {}
    for algo, found in evaluation.network.iterations.items():
        if found.auc is None:
            continue
        rows = tracks.category == algo
        panels[algorithm_name(algo)] = {
            one.title: metrics.roc_curve(one.ranking[rows], label[rows])
            for one in scored
        }
    if panels:
        columns = roc.iteration_columns(len(panels))
        size = (5.5 * columns + 1.0, 4.6 * -(-len(panels) // columns) + 1.0)
        paint = functools.partial(roc.paint_iterations, panels=panels)
        yield Picture("roc_iterations", paint, (max(size[0], 8.0), size[1]))


def _profiles(evaluation: Evaluation) -> Iterator[Picture]:
    target = evaluation.network.profile_efficiency
    for variable in evaluation.variables:
        shown = {
            one.title: one.profiles[variable.name] for one in evaluation.classifiers
        }
        paint = functools.partial(
            profiles.paint_profile,
            variable=variable,
            profiles=shown,
            right=f"at {100 * target:g} % true-track efficiency",
        )
        yield Picture(f"profile_{variable.name}", paint, profiles.SIZE)


def _scores(
    evaluation: Evaluation,
    label: NDArray[np.bool_],
    scored: list[Scored],
    training: TrainingScores | None,
) -> Iterator[Picture]:
    cuts = {name: cut.cut for name, cut in evaluation.working_points.overall.items()}
    for number, one in enumerate(scored):
        paint = functools.partial(
            scores.paint_scores,
            score=one.score,
            label=label,
            title=f"{one.title} score" + (" $2p-1$" if one.probability else ""),
            training=None if number else training,
            cuts=None if number else cuts,
        )
        yield Picture(f"scores_{one.name}", paint)


def _others(evaluation: Evaluation, history_file: Path | None) -> Iterator[Picture]:
    curves = {
        one.title: one.calibration for one in evaluation.classifiers if one.calibration
    }
    paint = functools.partial(calibration.paint_calibration, curves=curves)
    yield Picture("calibration", paint, calibration.SIZE)
    if evaluation.importance:
        paint = functools.partial(
            importance.paint_importance, importances=evaluation.importance
        )
        yield Picture("importance", paint, importance.SIZE)
    if history_file is not None:
        content = history.read_history(history_file)
        if history.has_panels(content):
            paint = functools.partial(history.paint_history, history=content)
            yield Picture("history", paint)
