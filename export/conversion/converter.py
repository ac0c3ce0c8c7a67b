"""From a foreign graph to an ONNX file or a SavedModel that scores as it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from export import artifacts, onnx_graph, target_rules
from export.conversion import arithmetic, passes, signatures
from export.conversion.batchings import in_batches, scores_of
from export.conversion.destination import Destination
from export.conversion.graph import Graph, working_graph
from export.conversion.options import ConversionOptions, check_options
from export.conversion.proof import Proof, Trial, prove
from export.conversion.report import describe, hashes
from export.conversion.simplification import Simplified, simplify
from export.conversion.source import GraphSession, Source
from export.errors import ConversionError, TargetError
from export.parity import Probe
from export.saved_model import SavedModelSignature
from export.targets import find_target

if TYPE_CHECKING:
    from export.conversion.proof import Exact
    from export.parity import Runtime

# Rows to try the arbiter on, and how near it has to be there.
_FEW, _CLOSE = 512, 1e-3
_NOT_FOLDED = "If that is near enough, raise --tolerance"
_KEEP = "Keep the normalisation with --no-fold."
_FOLDED = f"{_KEEP} {_NOT_FOLDED}"


def convert(
    source: Source,
    output: Path,
    options: ConversionOptions,
    trials: Sequence[Trial],
    *,
    step: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Convert a graph, prove the result on `trials`, and write a report beside it.

    Args:
        source: What is to be converted.
        output: The ONNX file, or the folder of the SavedModel; it must not be there.
        options: What it is to be.
        trials: What to compare on.
        step: Called with what is done next, in a few words.

    Returns:
        The report, as written to `<output>.json`.

    Raises:
        ConversionError: If something has no form there; it is named.
        TargetError: If the result breaks a rule of its target.
        ParityError: If it does not score as the original.
        ExportError: If the disk refuses.
    """
    check_options(options, output)
    step("simplifying")
    if trials:
        # What cannot be compared need not be converted.
        scores_of(source.runtime, trials[0].probe, "original")
    done = simplify(source.graph, source.output, fold=options.fold)
    arbiter, said = _arbiter(source, trials)
    with Destination(output).filled() as destination:
        step(f"writing {options.to}")
        _write(done.graph, source, destination.content, options)
        artifact = _check_target(destination.content, options)
        runtime = _reloaded(destination.content, options)
        proofs = []
        for trial in trials:
            step(f"comparing on {len(trial.probe):,} rows of {trial.name}")
            proofs.append(_proven(runtime, source, trial, arbiter, options, done))
        report = describe(source, options, done, artifact, proofs)
        report["parity"]["arbiter"] = said
        report["parity"]["folding_difference"] = _moved(done, source, trials)
        report["result"] |= hashes(destination.content, output.name)
        destination.finish(report)
    return report


def _proven(
    runtime: Runtime,
    source: Source,
    trial: Trial,
    arbiter: Exact | None,
    options: ConversionOptions,
    done: Simplified,
) -> Proof:
    return prove(
        runtime,
        source.runtime,
        trial,
        exact=arbiter,
        tolerance=options.tolerance,
        advice=_FOLDED if done.folded else _NOT_FOLDED,
        # TensorFlow runs a product, its bias and a ReLU as one, which drops a NaN.
        nan_advice=_KEEP if done.folded else "",
    )


def _write(
    graph: Graph, source: Source, path: Path, options: ConversionOptions
) -> None:
    placeholders = (source.features, source.category)
    missing = [name for name in placeholders if name not in graph.nodes]
    if missing:
        raise ConversionError(
            "Both inputs must take part in the score. Received: no path from "
            f"{' and '.join(missing)} to {graph.output}"
        )
    function = signatures.graph_function(
        graph, placeholders, options.names, source.width
    )
    if options.to == "saved-model":
        signatures.write_function(function, path)
        return
    metadata = {"trackdnn.source": source.path.name}
    metadata["trackdnn.source_sha256"] = source.sha256
    proto = onnx_graph.convert_function(
        function,
        opset=options.opset,
        ir_version=options.ir_version,
        metadata=metadata,
    )
    onnx_graph.write_onnx(proto, path)


def _check_target(path: Path, options: ConversionOptions) -> artifacts.Artifact:
    read = {"onnx": artifacts.read_onnx, "saved-model": artifacts.read_saved_model}
    artifact = read[options.to](path)
    broken = target_rules.check_target(artifact, find_target(options.target))
    if broken:
        raise TargetError(
            f"{'; '.join(broken)}. Nothing was written; choose another --target"
        )
    return artifact


def _reloaded(path: Path, options: ConversionOptions) -> Runtime:
    if options.to == "onnx":
        return onnx_graph.OnnxSession(path, options.names)
    return SavedModelSignature(path, options.names)


def _arbiter(source: Source, trials: Sequence[Trial]) -> tuple[Exact | None, str]:
    """The original in double precision, if there is such a thing, and words for it."""
    graph = passes.without_controls(working_graph(source.graph, source.output))
    if unknown := arithmetic.unknown_operations(graph):
        return None, f"none: no double precision for {', '.join(unknown)}"
    evaluate = arithmetic.evaluator(graph, source.features, source.category)
    # It excuses rows: who does not follow the original on tracks may not.
    for trial in trials:
        if not trial.odd and not _follows(evaluate, source, trial.probe):
            return None, "none: double precision does not follow the original"
    return evaluate, "NumPy, double precision"


def _follows(evaluate: Exact, source: Source, probe: Probe) -> bool:
    few = Probe(probe.features[:_FEW], probe.category[:_FEW])
    reference = scores_of(source.runtime, few, "original")
    try:
        exact = in_batches(evaluate, few)
    except (ValueError, TypeError, IndexError, KeyError):
        return False
    close = np.isclose(exact, reference, rtol=0, atol=_CLOSE, equal_nan=True)
    return exact.shape == reference.shape and bool(close.all())


def _moved(done: Simplified, source: Source, trials: Sequence[Trial]) -> float | None:
    """How far folding moves a score of a track, in TensorFlow."""
    if not done.folded:
        return None
    worst = 0.0
    for trial in trials:
        if not trial.odd:
            runs = (_session(part, source) for part in (done.plain, done.graph))
            a, b = (scores_of(run, trial.probe, "folded graph") for run in runs)
            off = abs(a - b)
            worst = max(worst, float(off[off == off].max(initial=0.0)))
    return worst


def _session(graph: Graph, source: Source) -> GraphSession:
    return GraphSession(
        graph.to_proto(), source.features, source.category, graph.output
    )
