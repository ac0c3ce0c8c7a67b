"""The tables of a kit's README: what this network is, its cuts, its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from export.cmssw_kit.cuts import QualityCuts, literal

if TYPE_CHECKING:
    from export.targets import Target

_LONGEST = 200


def facts(manifest: Mapping[str, Any], target: Target) -> str:
    """Where the network comes from, and what was measured of it."""
    training, evaluation = manifest["training"], manifest["evaluation"]
    rows: list[tuple[str, Any]] = [
        ("exported", manifest["created"]),
        ("fingerprint of the training", manifest.get("fingerprint", "not recorded")),
        ("made for", manifest.get("target", f"not recorded; rules of {target.name}")),
        ("TensorFlow there", target.tensorflow),
        ("ONNX Runtime there", target.onnxruntime),
    ]
    wanted = {"architecture": "architecture", "parameters": "parameters"}
    rows += [(head, training[key]) for key, head in wanted.items() if key in training]
    if "auc" in evaluation:
        counts = ", ".join(
            f"{evaluation[key]:,} {word}"
            for key, word in (("tracks", "tracks"), ("events", "events"))
            if isinstance(evaluation.get(key), int)
        )
        names = evaluation.get("names")
        if isinstance(names, list):
            rows.append(("evaluated on", ", ".join(map(str, names))))
        rows.append((f"AUC on {counts or 'test tracks'}", evaluation["auc"]))
    rows += [
        (f"largest difference of {name} from Keras", figures["max_difference"])
        for name, figures in manifest["parity"]["artifacts"].items()
    ]
    return table(("", ""), rows)


def points(working_points: Mapping[str, Any], names: Iterable[str]) -> str:
    """What each working point lets through, over all tracks."""
    overall = working_points.get("overall", {})
    rows = []
    for name in names:
        cut = overall.get(name, {})
        rows.append(
            (
                name,
                *(_share(cut.get(key)) for key in ("efficiency", "fake_rate")),
            )
        )
    head = ("working point", "true tracks that pass", "fakes among those that pass")
    return table(head, rows)


def cuts(found: QualityCuts) -> str:
    """The cuts of each iteration."""
    rows = [(name, *map(literal, values)) for name, values in found.iterations.items()]
    return table(("iteration", *found.names), rows)


def notes(lines: Iterable[str]) -> str:
    """Remarks as a list, each in one line."""
    return "\n".join(f"- {_cell(line)}" for line in lines) or "No remarks."


def table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """A table in Markdown."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _share(value: Any) -> str:
    """A fraction with its count, as the working points of a bundle have it."""
    if not isinstance(value, Mapping) or not isinstance(value.get("value"), float):
        return "not recorded"
    return f"{value['value']:.4f} ({value.get('passed')} of {value.get('total')})"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    # A manifest may come from anywhere: one line, and nothing that Markdown runs.
    text = " ".join(str(value).split())[:_LONGEST]
    return text.replace("|", "\\|").replace("<", "&lt;")
