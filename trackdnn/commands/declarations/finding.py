"""What users can type to find tracks: `build-graphs`, `find-tracks`, `train-…`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trackdnn.commands.declarations.options import Config, Json, Quiet, Set

app = typer.Typer(rich_markup_mode=None)


@app.command(name="build-graphs")
def build_graphs(
    places: Annotated[
        list[str],
        typer.Argument(
            metavar="EVENTS", help="Folders, files, stems or stores of events."
        ),
    ],
    finder: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="The constructor of a finder (repeat)."),
    ] = None,
    constructor: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER",
            help="A trained constructor (repeat). Default: `neighbours`, which needs "
            "no training.",
        ),
    ] = None,
    truth: Annotated[
        str,
        typer.Option(
            metavar="MODE",
            help="Which edges are true: hyper, eom, cricket, layerwise, modulewise.",
        ),
    ] = "modulewise",
    plots: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="For pictures.")
    ] = None,
    config: Config = None,
    override: Set = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Hits to graphs: edges per hit, efficiency, purity, time and memory."""
    from trackdnn.commands import build_graphs as command

    command.run(
        places,
        finders=finder or [],
        constructors=constructor or [],
        truth=truth,
        plots=plots,
        config=config,
        overrides=override or [],
        as_json=as_json,
        quiet=quiet,
    )


@app.command(name="export-network")
def export_network(
    finder: Annotated[
        Path,
        typer.Argument(help="What `train-finder` has written, with a network."),
    ],
    output: Annotated[Path, typer.Argument(help="Folder to write.")],
    float_index: Annotated[
        bool,
        typer.Option(
            "--float-index", help="For runtimes that know no integers, such as CMSSW's."
        ),
    ] = False,
) -> None:
    """The network of a finder as ONNX and SavedModel, each compared with Keras."""
    from trackdnn.commands import export_network as command

    command.run(finder, output, float_index=float_index)


@app.command(name="find-tracks")
def find_tracks(
    places: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EVENTS",
            help="Folders, files, stems or stores of events. Default: samples/events.",
        ),
    ] = None,
    finder: Annotated[
        Path, typer.Option(metavar="FOLDER", help="What `train-finder` has written.")
    ] = Path("samples/finder"),
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="For EVENT-tracks.csv of each."
        ),
    ] = None,
    display: Annotated[
        bool, typer.Option("--display", help="Make a page of the first event.")
    ] = False,
    config: Config = None,
    override: Set = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Hits to tracks, and how good they are where truth is known."""
    from trackdnn.commands import find_tracks as command

    command.run(
        places or ["samples/events"],
        finder,
        output,
        display=display,
        config=config,
        overrides=override or [],
        workers=workers,
        as_json=as_json,
        quiet=quiet,
    )


@app.command(name="train-finder")
def train_finder(
    places: Annotated[
        list[str],
        typer.Argument(
            metavar="EVENTS", help="Folders, files or stores of events with truth."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER",
            help="What is counted; a training that was stopped goes on.",
        ),
    ],
    config: Config = None,
    override: Set = None,
    constructor: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Take one that is trained already."),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(
            metavar="FINDER", help="Take constructor and filter of this finder."
        ),
    ] = None,
    keep_network: Annotated[
        bool,
        typer.Option(
            "--keep-network", help="Take its network, too, and choose cuts alone."
        ),
    ] = False,
    validation: Annotated[
        float,
        typer.Option(
            metavar="SHARE", help="Events to choose cuts by; 0: as in the settings."
        ),
    ] = 0.1,
    quiet: Quiet = False,
) -> None:
    """Train constructor, filter, network and cuts: also `train finder`."""
    from trackdnn.commands import train_finder as command

    command.run(
        places,
        output,
        config=config,
        overrides=override or [],
        constructor=constructor,
        start=start,
        keep_network=keep_network,
        validation=validation,
        quiet=quiet,
    )


@app.command(name="train-voxdyn")
def train_voxdyn(
    places: Annotated[
        list[Path],
        typer.Argument(
            metavar="EVENTS",
            help="Folders, files or stores of events with truth; with --merge, folders "
            "of this command.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER",
            help="What is counted; a training that was stopped goes on.",
        ),
    ],
    config: Config = None,
    override: Set = None,
    shard: Annotated[
        str,
        typer.Option(metavar="K/N", help="Count every N-th event only, from the K-th."),
    ] = "1/1",
    cells: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Take the cells of another training."),
    ] = None,
    merge: Annotated[
        bool, typer.Option("--merge", help="Add up what other folders have counted.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Place cells, and count how often tracks connect them: also `train voxdyn`."""
    from trackdnn.commands import train_voxdyn as command

    command.run(
        places,
        output,
        shard=shard,
        cells=cells,
        merge=merge,
        config=config,
        overrides=override or [],
        quiet=quiet,
    )
