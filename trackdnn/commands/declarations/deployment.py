"""What users can type to bring a network into the software of an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trackdnn.commands.declarations.options import (
    Events,
    EventSeed,
    Json,
    PileUp,
    Process,
    Quiet,
    Workers,
)

app = typer.Typer(rich_markup_mode=None)


@app.command()
def acts(
    bundle: Annotated[Path, typer.Argument(help="Folder of a bundle.")],
    events: Events = 20,
    mu: PileUp = 60,
    process: Process = "ttbar",
    seed: EventSeed = 1,
    workers: Workers = 1,
    working_point: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Working point of the bundle to cut at."),
    ] = None,
    cut: Annotated[
        float | None, typer.Option(help="Cut on 2p - 1 instead, for all tracks.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="JSON file to write.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Count fakes before and after a network in a simulated reconstruction."""
    from trackdnn.commands import acts as command

    command.run(
        bundle,
        events=events,
        mu=mu,
        process=process,
        seed=seed,
        workers=workers,
        working_point=working_point,
        cut=cut,
        output=output,
        as_json=as_json,
        quiet=quiet,
    )


@app.command()
def clients(
    bundle: Annotated[Path | None, typer.Argument(help="Folder of a bundle.")] = None,
    threads: Annotated[
        str, typer.Option(help="Numbers of threads to try, one session for all.")
    ] = "1,4",
    sources: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the sources there.")
    ] = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Get onnxruntime-node from npm if missing.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Serve a bundle from C, C++ and JavaScript, and compare with its probe."""
    from trackdnn.commands import clients as command

    return command.run(
        bundle, threads, sources, fetch=fetch, as_json=as_json, quiet=quiet
    )


@app.command(name="cmssw-kit")
def cmssw_kit(
    bundle: Annotated[
        Path, typer.Argument(help="Folder of a bundle made for a target of CMSSW.")
    ],
    to: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of the kit: new or empty.")
    ],
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What CMSSW shall call the network. Default: from its SHA-256.",
        ),
    ] = None,
    onnx: Annotated[
        bool, typer.Option("--onnx", help="The ONNX file and its unit test as well.")
    ] = False,
) -> None:
    """Lay a bundle out for CMSSW: graph, cuts, customisation, unit tests."""
    from trackdnn.commands import cmssw_kit as command

    command.run(bundle, to, name, onnx=onnx)


@app.command()
def convert(
    graph: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A frozen graph, or a SavedModel."),
    ],
    to: Annotated[str, typer.Option(help="onnx or saved-model.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="What to write. Default: beside FILE."),
    ] = None,
    target: Annotated[
        str, typer.Option(metavar="NAME", help="Where it is to run; see `targets`.")
    ] = "cmssw-13_0",
    opset: Annotated[int, typer.Option(min=13, max=21, help="Of ONNX operators.")] = 13,
    ir_version: Annotated[int, typer.Option(help="Of the ONNX format.")] = 7,
    input_names: Annotated[
        str, typer.Option(help="Names of features and category.")
    ] = "x,y",
    output_name: Annotated[str, typer.Option(help="Name of the score.")] = "score",
    fetch: Annotated[
        str | None,
        typer.Option(metavar="NODE", help="The score, if FILE has several outputs."),
    ] = None,
    tracks: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="ROOT files to compare on (repeat)."),
    ] = None,
    rows: Annotated[
        int, typer.Option(min=1, help="Tracks of those to compare on, at most.")
    ] = 100_000,
    tree: Annotated[str, typer.Option(help="Tree to read.")] = "trackingNtuple/tree",
    tolerance: Annotated[
        float, typer.Option(help="Largest difference of a score that passes.")
    ] = 5e-6,
    no_fold: Annotated[
        bool, typer.Option("--no-fold", help="Keep batch normalisation as it is.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Turn a foreign TensorFlow graph into ONNX or a SavedModel, with proof."""
    from trackdnn.commands import convert as command

    options = command.options(
        to,
        target=target,
        opset=opset,
        ir_version=ir_version,
        input_names=input_names,
        output_name=output_name,
        tolerance=tolerance,
        fold=not no_fold,
    )
    command.run(
        graph,
        options,
        output,
        tracks or [],
        rows=rows,
        tree=tree,
        fetch=fetch,
        as_json=as_json,
        quiet=quiet,
    )


@app.command()
def quantize(
    source: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="A bundle, or a run with one.")
    ],
    data: Annotated[
        list[str],
        typer.Option(
            metavar="FILE",
            help="Labelled tracks to judge on: a prepared dataset, or ROOT files "
            "(repeat).",
        ),
    ],
    to: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of what is released.")
    ],
    kind: Annotated[
        str,
        typer.Option(help="optimised, fp16, int8-dynamic, int8-static or all."),
    ] = "all",
    target: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Where it is to run. Default: that of the bundle."
        ),
    ] = None,
    keep_report: Annotated[
        bool, typer.Option("--keep-report", help="Leave reports of refused ones too.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Make a network smaller or faster; released where the rates stay as they are."""
    from trackdnn.commands import quantize as command

    return command.run(
        source,
        kind,
        data,
        to,
        target,
        as_json=as_json,
        keep_report=keep_report,
        quiet=quiet,
    )


@app.command()
def sign(
    bundle: Annotated[
        Path | None, typer.Argument(help="Folder of a bundle; none for keys alone.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="PEM", help="Private key to sign with.")
    ] = None,
    new_key: Annotated[
        Path | None,
        typer.Option(metavar="NAME", help="Make NAME.pem and NAME.pub.pem first."),
    ] = None,
) -> None:
    """Sign a bundle, so that others can verify who exported it."""
    from trackdnn.commands import sign as command

    command.run(bundle, key, new_key)
