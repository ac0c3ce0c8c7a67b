"""Explains a run and a bundle, both verified, without TensorFlow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from export.manifest import read_bundle
from network.inputs import InputSpec
from trackdnn.inspection.explanation import Explanation, explanation
from trackdnn.training import run as run_folder

if TYPE_CHECKING:
    from pathlib import Path


def explain_bundle(path: Path) -> Explanation:
    """Content, inputs and parity of a bundle, after its hashes were compared.

    Raises:
        BundleError: If it is damaged.
    """
    bundle = read_bundle(path)
    manifest = bundle.manifest
    size = sum(entry["bytes"] for entry in manifest["files"].values())
    versions = ", ".join(f"{k} {v}" for k, v in manifest["versions"].items())
    lines = [
        f"verified: {len(manifest['files'])} files, {size / 1e6:.2f} MB, exported "
        f"{manifest['created']}",
        *_inputs(bundle.spec, manifest["inputs"]),
        f"score: {manifest['score']['meaning']}; CMSSW cuts on "
        f"{manifest['score']['cmssw']}",
        *_parity(manifest),
        f"working points: {_names_of_points(manifest['working_points'])}",
        f"training: {_scalars(manifest['training'])}",
        f"evaluation: {_scalars(manifest['evaluation'])}",
        f"versions: {versions}",
    ]
    return explanation("bundle", path, lines, {"manifest": manifest})


def explain_run(path: Path) -> Explanation:
    """Settings, inputs and result of a run, after its hashes were compared.

    Raises:
        RunError: If it is incomplete or damaged.
    """
    run_folder.check_run(path)
    summary = json.loads((path / run_folder.SUMMARY).read_text("utf-8"))
    spec = InputSpec.from_json((path / run_folder.SPEC).read_text("utf-8"))
    further = [name for name in ("evaluation", "bundle") if (path / name).is_dir()]
    lines = [
        "verified: complete and unchanged",
        f"result: {_scalars(summary)}",
        f"tracks: {_tracks(summary.get('tracks', {}))}",
        *_inputs(spec, None),
        f"also here: {', '.join(further) or 'neither evaluation nor bundle yet'}",
    ]
    squeezed = summary.get("squeezed_inputs")
    if squeezed:
        lines.append(f"warning: squeezed inputs: {', '.join(squeezed)}")
    content = {"summary": summary, "input_spec": spec.to_dict(), "further": further}
    return explanation("run", path, lines, content)


def _inputs(spec: InputSpec, inputs: dict[str, Any] | None) -> list[str]:
    names = ("", "")
    if inputs is not None:
        names = (f"{inputs['features']['name']} ", f"{inputs['category']['name']} ")
    scaling = "scaled to [-1, 1]" if spec.rescale else "clipped, not scaled"
    vocabulary = ", ".join(map(str, spec.vocabulary)) or "none"
    return [
        f"inputs: {names[0]}({spec.width} features, {spec.names[0]} to "
        f"{spec.names[-1]}, {scaling}), {names[1]}({spec.category})",
        f"categories with a code of their own: {vocabulary}",
    ]


def _parity(manifest: dict[str, Any]) -> list[str]:
    parity = manifest["parity"]
    lines = []
    for name, figures in parity["artifacts"].items():
        line = (
            f"parity of {name}: {figures['max_difference']:.1e} on "
            f"{figures['rows']:,} probe rows"
        )
        if "sample" in figures:
            sample = figures["sample"]
            line += f", {sample['max_difference']:.1e} on {sample['rows']:,} tracks"
        lines.append(f"{line} (tolerance {parity['tolerance']:g})")
    return lines


def _names_of_points(points: dict[str, Any]) -> str:
    return ", ".join(points.get("overall", {})) or "none"


def _tracks(counts: dict[str, Any]) -> str:
    parts = [
        f"{name} {part['tracks']:,} ({part['true']:,} true)"
        for name, part in counts.items()
    ]
    return ", ".join(parts) or "not recorded"


def _scalars(facts: dict[str, Any]) -> str:
    """The plain entries of a dictionary on one line."""
    parts = [
        f"{key} {value:.6g}" if isinstance(value, float) else f"{key} {value}"
        for key, value in facts.items()
        if isinstance(value, (str, int, float)) and key != "fingerprint"
    ]
    return ", ".join(parts) or "not recorded"
