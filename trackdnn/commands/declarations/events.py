"""What users can type for events: `display`, `evaluate-tracks`, `prepare-events`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trackdnn.commands.declarations.options import Config, Json, Quiet, Set

app = typer.Typer(rich_markup_mode=None)


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
