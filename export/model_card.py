"""The manifest in words and tables, for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from export.markdown import escaped

_INTENDED_USE = """\
Selection of reconstructed tracks: the score is the probability that a track is true,
that is, that most of its hits come from one particle. CMSSW's `TrackTfClassifier` cuts
on 2p - 1. The network judges single tracks; it does not look at the event.
"""

_CAVEATS = """\
- The score is a probability for the mixture of tracks of the training sample. Under
  other conditions (pile-up, detector, iterations) calibrate it again and choose new
  working points.
- Inputs beyond their range are clipped to it; NaN becomes a defined finite value. A
  finite score is no proof of a sensible input.
- A category outside the vocabulary shares one code, "unknown", which the training may
  not have seen.
- Loading a model file is running a program: check the hashes in `manifest.json`.
"""


def render(manifest: Mapping[str, Any]) -> str:
    """A Markdown model card.

    Args:
        manifest: Content of the manifest; `files` need not be there yet.

    Returns:
        Markdown text.
    """
    sections = [
        "# Track classifier\n",
        f"Exported {manifest['created']}.\n",
        _section("Intended use", _INTENDED_USE),
        _section("Training", _facts(manifest["training"])),
        _section("Evaluation", _facts(manifest["evaluation"])),
        _section("Working points", _working_points(manifest["working_points"])),
        _section("Inputs", _inputs(manifest["inputs"])),
        _section("Artifacts", _artifacts(manifest)),
        _section("Targets", _targets(manifest)),
        _section("Caveats", _CAVEATS),
        _section("Versions", _facts(manifest["versions"])),
    ]
    return "\n".join(sections)


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}"


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(_cell(c) for c in line)} |\n" for line in lines)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return escaped(str(value))


def _facts(facts: Mapping[str, Any]) -> str:
    """A two-column table; nested entries get dotted names."""
    rows = list(_flatten(facts))
    return _table(("quantity", "value"), rows) if rows else "Not recorded.\n"


def _flatten(facts: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in facts.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        elif isinstance(value, (list, tuple)) and value and isinstance(value[0], dict):
            yield f"{prefix}{key}", f"{len(value)} entries, see manifest.json"
        else:
            yield f"{prefix}{key}", value


def _working_points(points: Mapping[str, Any]) -> str:
    """Cuts of each iteration, if they have the form of `working_points.json`."""
    overall = points.get("overall")
    if not isinstance(overall, Mapping) or "iterations" not in points:
        return _facts(points)
    iterations = points["iterations"].items()
    rows = [("all tracks", *_cuts(overall))]
    rows += [(name, *_cuts(entry["cuts"])) for name, entry in iterations]
    return "A track passes when 2p - 1 is above the cut.\n\n" + _table(
        ("iteration", *overall), rows
    )


def _cuts(cuts: Mapping[str, Any]) -> list[str]:
    return [f"{entry['cut']:.4f}" for entry in cuts.values()]


def _inputs(inputs: Mapping[str, Any]) -> str:
    features, category = inputs["features"], inputs["category"]
    rows = [
        (index, column["name"], column["unit"], column["transform"], _range(column))
        for index, column in enumerate(features["columns"])
    ]
    head = ("column", "name", "unit", "transform", "range after the transform")
    scaled = "scaled to [-1, 1]" if features["rescale"] else "not scaled"
    return (
        f"`{features['name']}` (batch, {len(rows)}), float32; each column is "
        f"transformed, clipped to its range and {scaled} inside the network.\n\n"
        + _table(head, rows)
        + f"\n`{category['name']}` (batch, 1), float32: "
        f"{escaped(category['column'])}, one of "
        f"{category['vocabulary']}; anything else is unknown.\n"
    )


def _range(column: Mapping[str, Any]) -> str:
    return f"{column['lower']:.6g} .. {column['upper']:.6g}"


def _targets(manifest: Mapping[str, Any]) -> str:
    if "target" not in manifest:
        return "Not recorded.\n"
    return (
        f"Made for {manifest['target']}. By their rules it also runs at: "
        f"{', '.join(manifest['targets'])}.\n"
    )


def _artifacts(manifest: Mapping[str, Any]) -> str:
    parity, outputs = manifest["parity"], manifest["outputs"]
    rows = [
        (name, outputs[name], entry["rows"], f"{entry['max_difference']:.2g}")
        for name, entry in parity["artifacts"].items()
    ]
    head = ("artifact", "output", "rows compared", "largest difference from Keras")
    return _table(head, rows)
