"""What users can type to find tracks: constructors, builders, judgement, display."""

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


@app.command()
def display(
    place: Annotated[
        Path,
        typer.Argument(
            metavar="EVENT", help="A folder, a file, a stem or a store of events."
        ),
    ],
    tracks: Annotated[
        str | None,
        typer.Argument(
            metavar="TRACKS", help="File or folder of tracks. Default: truth alone."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=".html, .png or .pdf. Default: EVENT.html in the current folder.",
        ),
    ] = None,
    event: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which of several. Default: the first."),
    ] = None,
    min_pt: Annotated[
        float, typer.Option(metavar="GEV", help="Hide particles and tracks below.")
    ] = 0.0,
) -> None:
    """Show an event in the browser, or as a picture: hits, truth and tracks."""
    from trackdnn.commands import display as command

    command.run(place, tracks, output, name=event, min_pt=min_pt)


@app.command(name="evaluate-tracks")
def evaluate_tracks(
    events: Annotated[
        Path,
        typer.Argument(help="Folder, file or store of events with truth."),
    ],
    tracks: Annotated[
        list[str],
        typer.Argument(
            metavar="TRACKS",
            help="File, folder or quoted pattern of tracks: a TrackML submission, "
            "tracks of ACTS, or our own; NAME=PLACE names a finder, several are put "
            "side by side.",
        ),
    ],
    preset: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Whose definitions: trackdnn, hypertrack, exatrkx, gnn_tracking "
            "(repeat), or all. Default: finding.judgement.preset.",
        ),
    ] = None,
    min_pt: Annotated[
        float | None,
        typer.Option(help="Same as --set finding.judgement.min_pt=GEV."),
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(help="Same as --set finding.judgement.confidence=SHARE."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="For tracks.json and pictures."
        ),
    ] = None,
    config: Config = None,
    override: Set = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Judge the tracks of any program: efficiency, fakes, duplicates, score."""
    from trackdnn.commands import evaluate_tracks as command

    own = {"min_pt": min_pt, "confidence": confidence}
    command.run(
        events,
        tracks,
        presets=preset or [],
        overrides=[
            *(override or []),
            *(
                f"finding.judgement.{name}={value}"
                for name, value in own.items()
                if value is not None
            ),
        ],
        config=config,
        output=output,
        as_json=as_json,
        quiet=quiet,
    )


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


@app.command(name="prepare-events")
def prepare_events(
    places: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCES", help="Folders, files or stems of TrackML or ACTS events."
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the event store.")
    ],
    detectors: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Table of modules. Default: beside the events."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, help="Processes. Default: one per core, fewer for small files."
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make a store that is there anew.")
    ] = False,
    skip_damaged: Annotated[
        bool, typer.Option("--skip-damaged", help="Leave damaged events out, listed.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Read events once into a store that everything else maps into memory."""
    from trackdnn.commands import prepare_events as command

    command.run(
        places,
        output,
        detectors=detectors,
        workers=workers or 0,
        fresh=fresh,
        skip_damaged=skip_damaged,
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
    validation: Annotated[
        float,
        typer.Option(
            metavar="SHARE", help="Events to choose cuts by; 0: as in the settings."
        ),
    ] = 0.1,
    quiet: Quiet = False,
) -> None:
    """Train a constructor, an edge filter and cuts: also `train finder`."""
    from trackdnn.commands import train_finder as command

    command.run(
        places,
        output,
        config=config,
        overrides=override or [],
        constructor=constructor,
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
