"""Chooses the branches of one tree to read, and checks that they can be used."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import uproot

from trackdnn.data.features import CATEGORY_BRANCH, FEATURES
from trackdnn.data.labels import MATCH_COUNTS, choose_label, is_nested
from trackdnn.errors import BadFileError, MissingBranchError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

EVENT_ID = ("run", "lumi", "event")
MVA_BRANCH = "trk_mva"
_VERTEX_COUNTERS = ("vtx_z", "vtx_x", "vtx_ndof", "vtx_fake", "vtx_valid")
_VERTEX_FLAGS = ("vtx_fake", "vtx_valid")
_NUMBERS = "biuf"
_WHOLE_NUMBERS = "biu"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """The branches of one file that are read.

    Args:
        where: File and tree, for messages.
        label: The branch that holds the truth, or `None`.
        match_counts: The branch with the number of entries that each track has in a
            flat `trk_simTrkIdx`, or `None`.
        mva: Whether `trk_mva` is there.
        vertices: One branch to count vertices by, then their flags; or empty.
        event_id: `("run", "lumi", "event")`, or empty if one of them is not there.
    """

    where: str
    label: str | None
    match_counts: str | None
    mva: bool
    vertices: tuple[str, ...]
    event_id: tuple[str, ...]

    @property
    def per_track(self) -> tuple[str, ...]:
        """Branches with one number per track; the first one sets the counts."""
        more = [self.match_counts, MVA_BRANCH if self.mva else None]
        branches = [feature.branch for feature in FEATURES]
        branches += [CATEGORY_BRANCH, *(name for name in more if name)]
        return tuple(branches)

    @property
    def names(self) -> list[str]:
        """All branches to read, each once."""
        names = (*self.per_track, *self.vertices, *self.event_id)
        return list(dict.fromkeys((*names, self.label) if self.label else names))


def plan_branches(tree: Any, where: str, *, label: str, need_label: bool) -> Plan:
    """The plan for one tree.

    Args:
        tree: The `uproot.TTree`.
        where: File and tree, for messages.
        label: The settings' choice of the label.
        need_label: Whether a tree without truth is an error.

    Returns:
        The plan, all of whose branches exist and have a usable type.

    Raises:
        MissingBranchError: If a branch is not there (the nearest are given).
        BadFileError: If a branch does not hold what its name promises.
    """
    known = tree.keys(recursive=True)
    needed = [*(feature.branch for feature in FEATURES), CATEGORY_BRANCH]
    _require(needed, known, where)
    truth = choose_label(tree, where, label=label, need_label=need_label)
    lists = truth == "trk_simTrkIdx" and is_nested(tree[truth])
    flat = truth == "trk_simTrkIdx" and not lists
    counter = next((name for name in _VERTEX_COUNTERS if name in known), None)
    flags = [name for name in _VERTEX_FLAGS if name in known]
    plan = Plan(
        where=where,
        label=truth,
        match_counts=MATCH_COUNTS if flat else None,
        mva=MVA_BRANCH in known,
        vertices=tuple(dict.fromkeys([counter, *flags])) if counter else (),
        event_id=EVENT_ID if set(EVENT_ID) <= set(known) else (),
    )
    _check_types(tree, plan)
    if truth and not lists:
        _check_type(tree[truth], where, _NUMBERS, per_event=False)
    return plan


def _require(needed: Iterable[str], known: list[str], where: str) -> None:
    missing = [name for name in needed if name not in known]
    if missing:
        more = f" (and {len(missing) - 1} more: {', '.join(missing[1:4])})"
        raise MissingBranchError(
            f"Branch '{missing[0]}'{more if missing[1:] else ''} is not in {where} "
            f"({len(known)} branches).{nearest(missing[0], known)}"
        )


def _check_types(tree: Any, plan: Plan) -> None:
    whole = {CATEGORY_BRANCH, plan.match_counts}
    for name in (*plan.per_track, *plan.vertices):
        kinds = _WHOLE_NUMBERS if name in whole else _NUMBERS
        _check_type(tree[name], plan.where, kinds, per_event=False)
    for name in plan.event_id:
        _check_type(tree[name], plan.where, _WHOLE_NUMBERS, per_event=True)


def _check_type(branch: Any, where: str, kinds: str, *, per_event: bool) -> None:
    """Raises unless a branch holds one number (or one list of numbers) per event."""
    content = branch.interpretation
    if not per_event:
        content = content.content if isinstance(content, uproot.AsJagged) else None
    if isinstance(content, uproot.AsDtype):
        dtype = content.to_dtype
        if dtype.shape == () and dtype.kind in kinds:
            return
    noun = "numbers" if kinds == _NUMBERS else "whole numbers"
    raise BadFileError(
        f"Branch '{branch.name}' of {where} must hold {noun}, one per "
        f"{'event' if per_event else 'entry of a list per event'}. "
        f"Received: type={branch.typename}"
    )
