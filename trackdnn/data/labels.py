"""The truth of each track, in whichever of three forms a file holds it.

1. `trk_isTrue`: 1 for a true track, 0 for a fake one (ntuples made without
   TrackingParticles).
2. `trk_simTrkIdx`: the matched particles of each track; true if there is one. Either
   nested (`vector<vector<int>>`, as CMS writes it), or flat, with the number of
   entries of each track in `trk_nSimTrk`.
3. `trk_bestSimTrkIdx`: the best matching particle, -1 for none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.errors import BadFileError, MissingBranchError, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

LABELS = ("trk_isTrue", "trk_simTrkIdx", "trk_bestSimTrkIdx")
MATCH_COUNTS = "trk_nSimTrk"


def is_nested(branch: Any) -> bool:
    """Whether a branch holds lists of lists of numbers."""
    return str(branch.typename).count("vector<") == 2


def choose_label(tree: Any, where: str, *, label: str, need_label: bool) -> str | None:
    """The branch to take the truth from.

    Args:
        tree: The `uproot.TTree`.
        where: File and tree, for messages.
        label: `"auto"` for the first of `LABELS` that can be used, or one of them.
        need_label: Whether a tree without it is an error.

    Returns:
        Name of the branch, or `None`.

    Raises:
        MissingBranchError: If a label is needed and not there.
    """
    known = tree.keys(recursive=True)
    for name in LABELS if label == "auto" else (label,):
        flat = name == "trk_simTrkIdx" and name in known and not is_nested(tree[name])
        if name in known and (not flat or MATCH_COUNTS in known):
            return name
    if not need_label:
        return None
    if label == "auto":
        raise MissingBranchError(
            f"One of the label branches {', '.join(LABELS)} must be in {where} (a flat "
            f"trk_simTrkIdx needs {MATCH_COUNTS} as well).{nearest(LABELS[0], known)} "
            "Make the ntuple with the truth in it."
        )
    absent = MATCH_COUNTS if label in known else label
    raise MissingBranchError(
        f"Branch '{absent}' is not in {where}, and `data.label` is '{label}'."
        f"{nearest(absent, known)} The labels {', '.join(LABELS)} can be used, and "
        "'auto' takes the first one that is there."
    )


def truth_of(name: str, values: NDArray[Any], where: str) -> NDArray[np.bool_]:
    """True for true tracks.

    Args:
        name: The label branch.
        values: Array of shape `(tracks,)`: the branch, or for `trk_simTrkIdx` the
            number of matches of each track.
        where: File and tree, for messages.

    Returns:
        Bool array of shape `(tracks,)`.

    Raises:
        BadFileError: If `trk_isTrue` holds anything but 0 and 1.
    """
    if name == "trk_simTrkIdx":
        return np.asarray(values > 0)
    if name == "trk_bestSimTrkIdx":
        return np.asarray(values >= 0)
    strange = values[(values != 0) & (values != 1)]
    if len(strange):
        raise BadFileError(
            f"Branch '{name}' of {where} must hold 0 and 1 only. "
            f"Received: {strange[0]} and {len(strange) - 1} more such values"
        )
    return np.asarray(values == 1)
