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
    override: Set = None,
    quiet: Quiet = False,
) -> None:
    """Write frozen graph, SavedModel and ONNX, each proven in its own runtime."""
    from trackdnn.commands import export as command

    command.run(run, to, override or [], quiet=quiet, target=target)


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
        Path, typer.Argument(help="A run, a bundle, or a .root, .pb, .onnx file.")
    ],
    as_json: Json = False,
) -> None:
    """Explain a run, a bundle, a ROOT file or a graph in a few lines."""
    from trackdnn.commands import inspect as command

    command.run(path, as_json=as_json)


@app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(help="Folder of a bundle.")],
    runtime: Annotated[
        str | None,
        typer.Option(
            help="Replay in onnxruntime or tensorflow alone. Default: in both."
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Prove that a bundle is whole, safe to load, and scores as its network did."""
    from trackdnn.commands import verify as command

    return command.run(bundle, runtime, as_json=as_json)
