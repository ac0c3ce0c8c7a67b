"""What users can type for data: `prepare`, `describe`, `simulate ...`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trackdnn.commands.declarations.options import (
    Config,
    Events,
    EventSeed,
    Json,
    PileUp,
    Process,
    Quiet,
    Set,
    Workers,
)

app = typer.Typer(rich_markup_mode=None)
simulate_app = typer.Typer(
    rich_markup_mode=None, help="Make labelled data: Pythia 8, ACTS."
)
app.add_typer(simulate_app, name="simulate")


@app.command()
def prepare(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="ROOT files, globs, folders, lists (.txt), URLs; NAME=PATH names a "
            "sample. Default: data.samples."
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the prepared dataset.")
    ] = Path("dataset"),
    test: Annotated[
        list[str] | None,
        typer.Option("--test", metavar="SOURCE", help="All its events serve the test."),
    ] = None,
    take: Annotated[
        list[str] | None,
        typer.Option(
            "--take",
            metavar="NAME=SHARE",
            help="Of a sample: a fraction (0.5) or a number (20000) of its events.",
        ),
    ] = None,
    config: Config = None,
    override: Set = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes. Default: one per core, fewer for small files."),
    ] = None,
    dask: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler to work on.")
    ] = None,
    skip_damaged: Annotated[
        bool, typer.Option("--skip-damaged", help="Leave damaged files out, listed.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make a dataset that is there anew.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Read ROOT files once into a dataset that trainings stream from."""
    from trackdnn.commands import prepare as command

    command.run(
        sources or [],
        output,
        test=test or [],
        take=take or [],
        config=config,
        overrides=override or [],
        workers=workers,
        dask=dask,
        skip_damaged=skip_damaged,
        fresh=fresh,
        quiet=quiet,
    )


@app.command()
def describe(
    dataset: Annotated[Path, typer.Argument(help="Folder of a prepared dataset.")],
    config: Config = None,
    override: Set = None,
    plots: Annotated[
        Path | None, typer.Option(help="Folder for pictures of the tables.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare all files with their checksums.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What a prepared dataset holds, before and after sampling."""
    from trackdnn.commands import describe as command

    command.run(
        dataset, override or [], plots, as_json=as_json, config=config, verify=verify
    )


@simulate_app.command("events")
def simulate_events(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the events.")
    ],
    events: Events = 20,
    mu: PileUp = 60,
    process: Process = "ttbar",
    seed: EventSeed = 1,
    workers: Workers = 1,
    first: Annotated[int, typer.Option(help="Number of the first event.")] = 1,
    noise: Annotated[float, typer.Option(help="Share of noise among all hits.")] = 0.15,
    hit_loss: Annotated[
        float, typer.Option(help="Probability that a hit is lost.")
    ] = 0.01,
    cells: Annotated[bool, typer.Option(help="Write the cells of the hits.")] = True,
    ckf: Annotated[
        bool, typer.Option("--ckf", help="Let ACTS find tracks in the same hits.")
    ] = False,
    compress: Annotated[
        bool, typer.Option("--gzip/--no-gzip", help="Write .csv.gz or .csv.")
    ] = True,
    quiet: Quiet = False,
) -> None:
    """Hits, cells, particles and truth, in the format of the TrackML challenge."""
    from trackdnn.commands import simulate_events as command
    from trackdnn.simulation.event_worker import Sample
    from trackdnn.simulation.simulated_event import Response

    sample = Sample(process, mu, seed, Response(noise, hit_loss), cells, ckf, compress)
    command.run(
        output,
        sample,
        events=events,
        first=first,
        workers=workers,
        progress=not quiet,
    )


@simulate_app.command("tracks")
def simulate_tracks(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The ROOT file to write.")
    ],
    events: Events = 20,
    mu: PileUp = 60,
    process: Process = "ttbar",
    seed: EventSeed = 1,
    workers: Workers = 1,
    working_point: Annotated[
        str, typer.Option(help="How tracks are found; see docs/simulation.md.")
    ] = "default",
    quiet: Quiet = False,
) -> None:
    """Reconstructed tracks with truth, in the format of CMS's trackingNtuple."""
    from trackdnn.commands import simulate as command

    command.run(
        output,
        events=events,
        mu=mu,
        process=process,
        seed=seed,
        workers=workers,
        working_point=working_point,
        progress=not quiet,
    )
