"""Does any track cross a cut between Keras and an artifact of a bundle?

    python -m benchmarks.cut_safety RUN [--data DATASET_OR_FILES ...] [--rows 1000000]
    python -m benchmarks.cut_safety BUNDLE --run RUN

A third of the rows are tracks, if there are any; a third, or two, are drawn from the
ranges of the inputs, their edges and values that no track should have; a third are
searched to lie near each cut (`export.cut_safety`), between two tracks or two drawn
rows. For every artifact and working
point, with its cuts per iteration, the table counts rows whose score 2p - 1 by Keras is
within 1e-6 of the cut, and decisions that differ from those of Keras, within that band
and outside it. Ends with 1 if there is one outside, or a score is not finite.

Batches of one are called for a tenth of the rows, and so in proportion: a call each.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmarks.cut_rows import Rows, bar, first, rows_of, tracks_of
from export import cut_safety, static_batches
from export.cut_safety import BAND, Cuts, Tally
from export.errors import ExportError
from export.manifest import Bundle, read_bundle
from export.onnx_graph import OnnxSession
from export.safety import read_onnx
from export.signature import Names, evaluate
from trackdnn.commands.quiet import start_tensorflow
from trackdnn.errors import InputError, TrackdnnError
from trackdnn.evaluation.tables import Plain
from trackdnn.inference import cuts as bundle_cuts

if TYPE_CHECKING:
    from export.parity import Runtime

# Calls of one artifact at most; a static batch of one has a call per row.
MOST_CALLS = 100_000

Found = dict[tuple[str, int], Tally]


class PlainOnnx:
    """An ONNX file in ONNX Runtime without any optimisation of its graph.

    Args:
        path: The file.
        names: Names of its inputs and its output.
    """

    def __init__(self, path: Path, names: Names) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.graph_optimization_level = (
            onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        )
        self._session = onnxruntime.InferenceSession(
            read_onnx(path), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._names = names

    def __call__(
        self, features: cut_safety.Floats, category: cut_safety.Floats
    ) -> cut_safety.Floats:
        feed = {self._names.features: features, self._names.category: category}
        scores: cut_safety.Floats = self._session.run([self._names.score], feed)[0]
        return scores


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare and print; 1 if a decision differs where it must not."""
    options = _options(arguments)
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    try:
        bundle, run = _places(options)
        points = points_of(bundle)
        data = tracks_of(options.data, bundle.spec, options.rows // 3)
        start_tensorflow()
        reference, origin = _reference(bundle, run)
        rows = rows_of(bundle.spec, reference, points, options.rows, data)
        found = measure(reference, runtimes(bundle), rows, points, options.band)
    except (TrackdnnError, ExportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    title = f"{len(rows.probe):,} rows; scores compared with {origin}"
    console = Console(width=None if sys.stdout.isatty() else 150)
    console.print(by_point(found, title).to_rich())
    console.print(by_group(found, rows.names).to_rich())
    return 0 if safe(found) else 1


def points_of(bundle: Bundle) -> dict[str, Cuts]:
    """The working points of a bundle.

    Raises:
        InputError: If it has none.
    """
    known = bundle_cuts.Cuts.of(bundle.manifest["working_points"])
    if not known.overall:
        raise InputError(
            f"{bundle.folder} must have working points to look at. Received: none. "
            "Evaluate the run and export it again"
        )
    return {
        name: Cuts(cut, {algo: own[name] for algo, own in known.iterations.items()})
        for name, cut in known.overall.items()
    }


def runtimes(bundle: Bundle) -> dict[str, Runtime]:
    """Every artifact of a bundle, reloaded, ONNX once without optimisation."""
    from export.frozen_graph import FrozenGraphSession
    from export.saved_model import SavedModelSignature

    names = bundle.names
    fixed = static_batches.reload(bundle.folder, names, bundle.static_batches)
    return {
        "frozen graph": FrozenGraphSession(bundle.frozen_graph, names),
        "SavedModel": SavedModelSignature(bundle.saved_model, names),
        "ONNX, optimised": OnnxSession(bundle.onnx, names),
        "ONNX, as it is": PlainOnnx(bundle.onnx, names),
        **{
            f"static SavedModel, XLA, {size}": fixed[static_batches.artifact_of(size)]
            for size in bundle.static_batches
        },
    }


def measure(
    reference: Runtime,
    artifacts: Mapping[str, Runtime],
    rows: Rows,
    points: Mapping[str, Cuts],
    band: float = BAND,
) -> dict[str, Found]:
    """What becomes of the rows, by artifact, then by working point and group."""
    expected = reference(rows.probe.features, rows.probe.category)
    found = {}
    with bar() as shown:
        for name, runtime in artifacts.items():
            most = min(len(rows.probe), getattr(runtime, "size", 8192) * MOST_CALLS)
            task = shown.add_task(name, total=most)
            found[name] = cut_safety.compare(
                runtime,
                first(rows.probe, most),
                expected[:most],
                points,
                tally=functools.partial(Tally, band=band),
                groups=rows.groups[:most],
                advance=functools.partial(shown.advance, task),
            )
    return found


def safe(found: Mapping[str, Found]) -> bool:
    """Whether no decision differs where it must not."""
    return all(tally.safe for one in found.values() for tally in one.values())


def by_point(found: Mapping[str, Found], title: str) -> Plain:
    """Artifact by working point."""
    rows = [
        (artifact, point, *_cells([t for (p, _), t in one.items() if p == point]))
        for artifact, one in found.items()
        for point in dict.fromkeys(point for point, _ in one)
    ]
    return Plain(title, ("Model", "Working point", *_heads(found)), tuple(rows))


def by_group(found: Mapping[str, Found], names: Sequence[str]) -> Plain:
    """Artifact by origin of the rows, each counted once per working point."""
    rows = [
        (
            artifact,
            names[group],
            *_cells([t for (_, g), t in one.items() if g == group]),
        )
        for artifact, one in found.items()
        for group in sorted({group for _, group in one})
    ]
    title = "By origin of the rows, all working points together"
    return Plain(title, ("Model", "Input", *_heads(found)), tuple(rows))


def _heads(found: Mapping[str, Found]) -> tuple[str, ...]:
    band = next(tally.band for one in found.values() for tally in one.values())
    counts = ("rows", f"within {band:g}", "flips within", "flips outside")
    return (*counts, "farthest flip", "max |Δ(2p-1)|")


def _cells(tallies: Sequence[Tally]) -> tuple[str, ...]:
    one = cut_safety.total(tallies)
    counts = (one.rows, one.near, one.flips_near, one.flips)
    sizes = (one.farthest, one.difference)
    return (*(f"{n:,}" for n in counts), *(f"{size:.1e}" for size in sizes))


def _reference(bundle: Bundle, run: Path | None) -> tuple[Runtime, str]:
    """Keras where the run is at hand, else the frozen graph in its place."""
    if run is None:
        from export.frozen_graph import FrozenGraphSession

        session = FrozenGraphSession(bundle.frozen_graph, bundle.names)
        return session, "the frozen graph (no run is at hand for Keras)"
    from trackdnn.training.run import load_run

    model = load_run(run).model
    return lambda x, y: evaluate(model, x, y), "Keras"


def _places(options: argparse.Namespace) -> tuple[Bundle, Path | None]:
    """The bundle, and the run that it is of if that is known."""
    folder, run = options.folder, options.run
    if (folder / "run.json").is_file():
        folder, run = folder / "bundle", folder
    elif run is None and (folder.parent / "run.json").is_file():
        run = folder.parent
    return read_bundle(folder), run


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="a run, or a bundle")
    parser.add_argument("--run", type=Path, help="the run that a bundle is of")
    parser.add_argument("--data", nargs="+", default=[], help="dataset or ROOT files")
    parser.add_argument("--rows", type=_many, default=1_000_000)
    parser.add_argument("--band", type=float, default=BAND, help="on the score 2p - 1")
    return parser.parse_args(arguments)


def _many(text: str) -> int:
    rows = int(text)
    if rows < 1_000:
        raise argparse.ArgumentTypeError(f"must be at least 1000. Received: {rows}")
    return rows


if __name__ == "__main__":
    sys.exit(main())
