"""What users can type for networks that are trained, and what they become."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trackdnn.commands.declarations.options import Json, Quiet, Set

app = typer.Typer(rich_markup_mode=None)


@app.command()
def evaluate(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    data: Annotated[
        list[str] | None,
        typer.Argument(
            help="ROOT files, or one prepared dataset. Default: the run's test events."
        ),
    ] = None,
    override: Set = None,
    output: Annotated[
        Path | None, typer.Option(help="Default: RUN/evaluation.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Measure a run: AUC, fake rates, working points, plots."""
    from trackdnn.commands import evaluate as command

    command.run(run, data or [], override or [], output, quiet=quiet)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    to: Annotated[
        Path | None, typer.Option(help="Folder of the bundle. Default: RUN/bundle.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Where it is to run; see `targets`. Default: settings."
        ),
    ] = None,
    static_batch: Annotated[
        str | None,
        typer.Option(
            metavar="SIZES",
            help="Also a SavedModel of fixed batch sizes, such as 1,16, to be compiled "
            "ahead of time.",
        ),
    ] = None,
    override: Set = None,
    quiet: Quiet = False,
) -> None:
    """Write frozen graph, SavedModel and ONNX, each proven in its own runtime."""
    from trackdnn.commands import export as command

    command.run(
        run,
        to,
        override or [],
        quiet=quiet,
        target=target,
        static_batch=static_batch,
    )


@app.command()
def targets(
    bundle: Annotated[
        Path | None, typer.Argument(help="A bundle to try against the targets.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="This target alone. Default: all."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Where artifacts can run, and the rules there; whether a bundle keeps them."""
    from trackdnn.commands import targets as command

    command.run(bundle, target, as_json=as_json)


@app.command()
def infer(
    bundle: Annotated[Path, typer.Argument(help="Folder of a bundle.")],
    files: Annotated[list[str], typer.Argument(help="ROOT files.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Scores: .root or .parquet.")
    ],
    tree: Annotated[str, typer.Option(help="Tree to read.")] = "trackingNtuple/tree",
    quiet: Quiet = False,
) -> None:
    """Score the tracks of ROOT files with a bundle's ONNX network."""
    from trackdnn.commands import infer as command

    command.run(bundle, files, output, tree, quiet=quiet)


@app.command()
def inspect(
    path: Annotated[
        Path,
        typer.Argument(help="A run, a bundle, a SavedModel, a .root, .pb, .onnx file."),
    ],
    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="ROOT file whose tracks a graph is asked about; can be repeated. "
            "Default: generated tracks.",
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw the score against each input of a graph: .png or .pdf.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Explain a run, a bundle, a ROOT file or a graph, and ask the graph."""
    from trackdnn.commands import inspect as command

    command.run(path, data or [], plot, as_json=as_json)


@app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(help="Folder of a bundle.")],
    runtime: Annotated[
        str | None,
        typer.Option(
            help="Replay in onnxruntime or tensorflow alone. Default: in both."
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(metavar="PEM", help="Public key that must have signed it."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Prove that a bundle is whole, safe to load, and scores as its network did."""
    from trackdnn.commands import verify as command

    return command.run(bundle, runtime, key, as_json=as_json)
