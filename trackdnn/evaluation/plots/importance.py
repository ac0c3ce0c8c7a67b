"""Loss of AUC for each input, as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trackdnn.evaluation.plots import style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from trackdnn.evaluation.importance import Importance

SIZE = (8.0, 10.5)


def paint_importance(figure: Figure, importances: Sequence[Importance]) -> None:
    """One horizontal bar per input, the largest at the top."""
    axes = figure.subplots()
    rows = np.arange(len(importances))
    drops = np.array([one.drop for one in importances])
    spreads = np.array([one.spread for one in importances])
    axes.barh(rows, drops, color=style.COLOURS[0], alpha=0.8)
    axes.errorbar(drops, rows, xerr=spreads, linestyle="none", color="black", capsize=3)
    axes.set_yticks(rows, [one.name for one in importances], fontsize=13)
    axes.tick_params(axis="y", which="minor", left=False, right=False)
    axes.tick_params(axis="y", which="major", length=0)
    axes.set_ylim(len(importances) - 0.3, -0.7)
    axes.axvline(0.0, color="black", linewidth=1)
    axes.set_xlabel("Loss of AUC when the input is shuffled")
    style.put_label(axes)
