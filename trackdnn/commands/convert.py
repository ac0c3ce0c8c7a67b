"""`convert`: a foreign graph as an ONNX file or a SavedModel, with proof."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackdnn.commands import console
from trackdnn.commands.quiet import start_tensorflow
from trackdnn.errors import InputError

if TYPE_CHECKING:
    from export.conversion.options import ConversionOptions
    from export.conversion.proof import Trial
    from export.parity import Probe

_ENDINGS = {"onnx": ".onnx", "saved-model": ""}


def options(
    to: str,
    *,
    target: str,
    opset: int,
    ir_version: int,
    input_names: str,
    output_name: str,
    tolerance: float,
    fold: bool,
) -> ConversionOptions:
    """What users typed, as the converter takes it.

    Raises:
        InputError: If there are not two names of inputs, or no tolerance.
    """
    from export.conversion.options import ConversionOptions
    from export.signature import Names

    inputs = [name.strip() for name in input_names.split(",")]
    if len(inputs) != 2 or not all(inputs):
        raise InputError(
            "--input-names must be two, features and category, such as x,y. "
            f"Received: {input_names}"
        )
    if not 0 < tolerance < 1:
        raise InputError(
            f"--tolerance must be between 0 and 1. Received: {tolerance:g}"
        )
    return ConversionOptions(
        to=to,
        target=target,
        names=Names(inputs[0], inputs[1], output_name),
        opset=opset,
        ir_version=ir_version,
        tolerance=tolerance,
        fold=fold,
    )


def run(
    path: Path,
    options: ConversionOptions,
    output: Path | None,
    tracks: Sequence[str],
    *,
    rows: int,
    tree: str,
    fetch: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Convert a graph; what was done and proven goes to stdout.

    Args:
        path: A frozen graph or the folder of a SavedModel.
        options: What it is to become.
        output: Its name; beside `path` by default.
        tracks: ROOT files to compare on.
        rows: Tracks of those to compare on, at most.
        tree: Tree in those files.
        fetch: Node of the score, where the graph has several outputs.
        as_json: Print the report instead of a table.
        quiet: Do not tell what is done next.
    """
    from export.conversion.converter import convert
    from export.conversion.options import check_options
    from export.conversion.source import read_source

    if not path.exists():
        raise InputError(f"FILE must be a graph that is there. Received: {path}")
    if output is None and not path.name:
        raise InputError(
            f"--output must be given where FILE has no name. Received: {path}"
        )
    output = output or path.with_name(f"{path.stem}{_ENDINGS.get(options.to, '')}")
    check_options(options, output)
    start_tensorflow()
    source = read_source(path, fetch)
    trials = _trials(source.width, tracks, rows, tree, quiet=quiet)
    with console.messages().status("converting") as status:
        step = (lambda _: None) if quiet else status.update
        report = convert(source, output, options, trials, step=step)
    if as_json:
        console.out().print(json.dumps(report, indent=2), soft_wrap=True)
    else:
        console.out().print(console.facts("", _facts(output, report)))


def _trials(
    width: int, tracks: Sequence[str], rows: int, tree: str, *, quiet: bool
) -> list[Trial]:
    """What to compare on: tracks if there are files, and generated rows."""
    from export.conversion.trials import build_trials, generated_rows
    from export.parity import Probe
    from trackdnn.data.features import FEATURES
    from trackdnn.inspection import plausible

    if width != len(FEATURES):
        if tracks:
            raise InputError(
                f"--tracks needs a graph of the {len(FEATURES)} inputs of the track "
                f"classifier. Received: a graph of {width}"
            )
        return build_trials(generated_rows(width), ("identity",) * width)
    known = plausible.built_in().rows
    return build_trials(
        Probe(known[:, :width].copy(), known[:, width:].copy()),
        [feature.transform for feature in FEATURES],
        _tracks(tracks, rows, tree, quiet=quiet) if tracks else None,
    )


def _tracks(files: Sequence[str], rows: int, tree: str, *, quiet: bool) -> Probe:
    """Tracks of ROOT files, spread over all of them, none left out by a cut."""
    import numpy as np

    from export.parity import Probe
    from trackdnn.data.reader import read_tracks
    from trackdnn.settings import DataSettings, Sample, Selection

    settings = DataSettings(tree=tree, selection=Selection(drop_algorithms=()))
    sample = Sample(files=tuple(files))
    tracks, _ = read_tracks([sample], settings, need_label=False, progress=not quiet)
    chosen = np.arange(len(tracks))
    if len(tracks) > rows:
        chosen = np.linspace(0, len(tracks) - 1, rows).astype(np.int64)
    category = tracks.category[chosen, None].astype(np.float32)
    return Probe(np.ascontiguousarray(tracks.features[chosen]), category)


def _facts(output: Path, report: dict[str, Any]) -> dict[str, str]:
    """What was done, for people."""
    graph, result, parity = report["graph"], report["result"], report["parity"]
    names = f"{', '.join(result['inputs'])} -> {result['output']}"
    rows = {
        "written": f"{output} ({result['kind']}; {names})",
        "report": f"{output}.json",
        "target": f"{report['target']}; keeps the rules of {len(report['targets'])}",
        "nodes": f"{graph['before']} -> {graph['after']}: dead {graph['dead']}, "
        f"identities {graph['passing']}, constants {graph['constant']}",
    }
    if graph["folded"]:
        rows["folded"] = (
            f"{graph['folded']} normalisations; moves scores by at most "
            f"{parity['folding_difference']:.1e}"
        )
    for trial in parity["trials"]:
        rows[f"max |Δ| {trial['name']}"] = _verdict(trial)
    rows["arbiter"] = parity["arbiter"]
    return rows


def _verdict(trial: dict[str, Any]) -> str:
    text = f"{trial['max_difference']:.1e} ({trial['rows']:,} rows"
    text += f", NaN in both {trial['nan']:,}" if trial["nan"] else ""
    if trial["unstable"]:
        text += f", beyond single precision {trial['unstable']:,}"
    text += ")"
    if trial["nearer"] in ("original", "converted"):
        text += (
            f"; from double precision: original {trial['original_error']:.1e}, "
            f"converted {trial['converted_error']:.1e}, nearer: {trial['nearer']}"
        )
    return text
