"""Distributions of the score for true and fake tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.evaluation.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_BINS = 50
_LINES = ("-", "--", "-.", ":")


def paint_scores(
    figure: Figure,
    score: NDArray[np.float32],
    label: NDArray[np.bool_],
    *,
    title: str,
    training: tuple[NDArray[np.float32], NDArray[np.bool_]] | None = None,
    cuts: dict[str, float] | None = None,
) -> None:
    """Densities of true and fake tracks; training tracks as points beside them.

    Args:
        figure: Empty figure.
        score: Float32 array of shape `(tracks,)`.
        label: Bool array of shape `(tracks,)`.
        title: Label of the axis.
        training: Scores and labels of tracks of the training, to see overtraining.
        cuts: Cuts over all tracks to draw as lines, by name.
    """
    axes = figure.subplots()
    edges = _edges(score)
    heights = []
    for kind, rows, colour in (
        ("True", label, style.TRUE_COLOUR),
        ("Fake", ~label, style.FAKE_COLOUR),
    ):
        density, _ = _density(score[rows], edges)
        heights += density[density > 0].tolist()
        axes.stairs(density, edges, fill=True, alpha=0.25, color=colour)
        axes.stairs(density, edges, color=colour, linewidth=2, label=f"{kind}, test")
        if training is not None:
            chosen = training[0][training[1] if kind == "True" else ~training[1]]
            _points(axes, chosen, edges, colour, f"{kind}, training")
    for number, (name, cut) in enumerate((cuts or {}).items()):
        axes.axvline(
            cut,
            # Below the legend.
            ymax=0.68,
            color="black",
            linestyle=_LINES[number % 4],
            linewidth=1.2,
            label=name,
        )
    axes.set_yscale("log")
    # The bars of single tracks would stretch the axis; room for the legend above.
    low, high = 0.5 * min(heights, default=0.1), 2 * max(heights, default=1.0)
    axes.set_ylim(low, high * (high / low) ** 0.3)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xlabel(title)
    axes.set_ylabel("Probability density")
    _legend(axes)
    style.put_label(axes, f"{int(label.sum()):,} true, {int((~label).sum()):,} fake")


def _legend(axes: Axes) -> None:
    """Distributions in the first column, cuts in the second."""
    handles, labels = axes.get_legend_handles_labels()
    kinds = ("test", "training")
    order = sorted(range(len(labels)), key=lambda at: not labels[at].endswith(kinds))
    axes.legend(
        [handles[at] for at in order],
        [labels[at] for at in order],
        loc="upper center",
        ncols=2,
    )


def _edges(score: NDArray[np.float32]) -> NDArray[np.float64]:
    """From -1 to 1, where scores live; markers such as -99 fall outside."""
    inside = score[(score >= -1) & (score <= 1)]
    if len(inside):
        return np.linspace(-1.0, 1.0, _BINS + 1)
    return np.linspace(float(score.min()), float(score.max()), _BINS + 1)


def _density(
    score: NDArray[np.float32], edges: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Density and its Poisson error, normalised to all the tracks given."""
    count = np.histogram(score, edges)[0].astype(np.float64)
    scale = 1.0 / (max(len(score), 1) * (edges[1] - edges[0]))
    return count * scale, np.sqrt(count) * scale


def _points(
    axes: Axes,
    score: NDArray[np.float32],
    edges: NDArray[np.float64],
    colour: str,
    label: str,
) -> None:
    density, error = _density(score, edges)
    shown = density > 0
    axes.errorbar(
        (0.5 * (edges[1:] + edges[:-1]))[shown],
        density[shown],
        # On a logarithmic axis a bar must not reach zero.
        yerr=np.array([np.minimum(error, 0.999 * density), error])[:, shown],
        linestyle="none",
        marker="o",
        markersize=4,
        color=colour,
        label=label,
    )
