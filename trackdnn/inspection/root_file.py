"""Explains a ROOT file: its trees, and whether the track classifier can use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import awkward as ak
import numpy as np
import uproot

from trackdnn.data.branches import plan_branches
from trackdnn.data.features import CATEGORY_BRANCH, FEATURES, algorithm_name
from trackdnn.data.files import damage_named, open_tree
from trackdnn.data.labels import truth_of
from trackdnn.errors import BadFileError, MissingBranchError, nearest
from trackdnn.inspection.explanation import Explanation, explanation

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from trackdnn.data.branches import Plan

DEFAULT_TREE = "trackingNtuple/tree"
_NEEDED = (*(feature.branch for feature in FEATURES), CATEGORY_BRANCH)


def explain_root(path: Path) -> Explanation:
    """Trees and branches of a ROOT file, its tracks and their truth.

    Args:
        path: The file.

    Raises:
        BadFileError: If it is not a ROOT file, or is damaged.
    """
    trees = _trees(path)
    lines = [
        f"tree {name}: {entry['entries']:,} entries, {len(entry['branches'])} branches"
        for name, entry in trees.items()
    ]
    content: dict[str, Any] = {
        "trees": {
            name: {"entries": entry["entries"], "branches": len(entry["branches"])}
            for name, entry in trees.items()
        }
    }
    name = _best_tree(trees)
    if name is None:
        lines.append("the track classifier cannot read it: no tree has trk_ branches")
    else:
        more_lines, more = _tracks(path, name, trees[name]["branches"])
        lines += more_lines
        content["tracks"] = more
    return explanation("ROOT file", path, lines or ["no trees"], content)


def _trees(path: Path) -> dict[str, dict[str, Any]]:
    """Entries and branches of every tree."""
    try:
        # For its checks of header, size and content.
        with open_tree(path, DEFAULT_TREE):
            pass
    except MissingBranchError:
        pass
    with damage_named(path, "its trees"), uproot.open({str(path): None}) as file:
        found = file.classnames(recursive=True, cycle=False)
        return {
            name: {
                "entries": file[name].num_entries,
                "branches": file[name].keys(recursive=True),
            }
            for name, kind in found.items()
            if kind in ("TTree", "TNtuple")
        }


def _best_tree(trees: dict[str, dict[str, Any]]) -> str | None:
    """The tree with most of the branches that are needed."""
    counts = {
        name: len(set(_NEEDED) & set(tree["branches"])) for name, tree in trees.items()
    }
    best = max(counts, key=lambda name: counts[name], default=None)
    return best if best is not None and counts[best] else None


def _tracks(
    path: Path, name: str, branches: list[str]
) -> tuple[list[str], dict[str, Any]]:
    missing = [branch for branch in _NEEDED if branch not in branches]
    content: dict[str, Any] = {"tree": name, "missing": missing}
    if missing:
        lines = [
            f"the track classifier needs {len(_NEEDED)} branches of {name}; missing:"
        ]
        lines += [f"  {branch}{nearest(branch, branches, 1)}" for branch in missing]
        return lines, content
    where = f"'{path}:{name}'"
    with open_tree(path, name) as tree:
        try:
            plan = plan_branches(tree, where, label="auto", need_label=False)
        except BadFileError as error:
            return [f"the track classifier cannot read it: {error}"], content
        with damage_named(path, f"tree '{name}'"):
            algo = ak.to_numpy(ak.flatten(tree[CATEGORY_BRANCH].array(), axis=1))
            truth = _truth(tree, plan)
    content |= {"tracks": len(algo), "label": plan.label}
    lines = [f"all {len(_NEEDED)} branches of the track classifier are in {name}"]
    lines.append(_label_line(plan, truth))
    lines.append(f"{len(algo):,} tracks" + _share(truth))
    if truth is not None:
        content["true"] = int(truth.sum())
    for number in np.unique(algo).tolist():
        rows = algo == number
        part = None if truth is None else truth[rows]
        lines.append(
            f"  {number} {algorithm_name(number)}: {int(rows.sum()):,}{_share(part)}"
        )
    return lines, content


def _truth(tree: Any, plan: Plan) -> NDArray[np.bool_] | None:
    """Whether each track is true, or `None` without a label."""
    if plan.label is None:
        return None
    array = tree[plan.match_counts or plan.label].array()
    values = ak.flatten(array, axis=1)
    if plan.label == "trk_simTrkIdx" and plan.match_counts is None:
        values = ak.num(values, axis=1)
    return truth_of(plan.label, np.asarray(ak.to_numpy(values)), plan.where)


def _label_line(plan: Plan, truth: NDArray[np.bool_] | None) -> str:
    if truth is None:
        return "label: none; it can be scored, but not trained on or evaluated"
    form = f" with {plan.match_counts}" if plan.match_counts else ""
    return f"label: {plan.label}{form}"


def _share(truth: NDArray[np.bool_] | None) -> str:
    if truth is None:
        return ""
    true = int(truth.sum())
    return f", {true:,} true, {len(truth) - true:,} fake"
