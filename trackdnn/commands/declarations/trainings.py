"""What users can type to train: `train`, `submit`, `edit`, `append-stage`, `search`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trackdnn.commands.declarations.options import Config, Json, Quiet, Seed, Set

app = typer.Typer(rich_markup_mode=None)


@app.command()
def train(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="ROOT files, or one prepared dataset, instead of data.samples."
        ),
    ] = None,
    config: Config = None,
    override: Set = None,
    run_dir: Annotated[
        Path | None, typer.Option(help="Folder of the run. Default: runs/<time>.")
    ] = None,
    seed: Seed = None,
    quiet: Quiet = False,
    only_train: Annotated[
        bool, typer.Option("--only-train", help="Do not evaluate, do not export.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start anew; what is there is set aside.")
    ] = False,
    smoke: Annotated[
        bool,
        typer.Option("--smoke", help="Try the whole way on a batch; leave nothing."),
    ] = False,
    settings_only: Annotated[
        bool,
        typer.Option("--settings-only", help="Write the run's settings, train later."),
    ] = False,
) -> None:
    """Read, train, judge, and leave a verified bundle (alias: training)."""
    from trackdnn.commands import train as command

    settings = command.resolve(
        config, override or [], files or [], seed, quiet, run_dir
    )
    if smoke:
        from trackdnn.commands import smoke as trial

        trial.run(settings)
    elif settings_only:
        command.leave_settings(settings, run_dir)
    else:
        command.run(settings, run_dir, only_train=only_train, fresh=fresh)


app.command("training", hidden=True)(train)


@app.command()
def submit(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    to: Annotated[str, typer.Option("--to", help="condor, slurm or local.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the files, submit nothing.")
    ] = False,
    only_train: Annotated[
        bool, typer.Option("--only-train", help="Do not evaluate, do not export.")
    ] = False,
) -> int:
    """Run a training on a cluster until it is done."""
    from trackdnn.commands import submit as command

    return command.run(run, to, dry_run=dry_run, only_train=only_train)


@app.command()
def edit(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    changes: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE...", help="Settings to change, a.b=c."),
    ] = None,
) -> None:
    """Change settings of a run that nothing is trained with yet."""
    from trackdnn.commands import edit as command

    command.run(run, changes or [])


@app.command("append-stage")
def append_stage(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    stage: Annotated[
        Path, typer.Argument(help="YAML or Python file with the fields of a stage.")
    ],
    replace: Annotated[
        int | None,
        typer.Option("--replace", metavar="N", help="Stage to replace, from 1."),
    ] = None,
) -> None:
    """Append a stage to a run, or replace one that has not begun."""
    from trackdnn.commands import append_stage as command

    command.run(run, stage, replace)


@app.command()
def search(
    files: Annotated[
        list[str] | None,
        typer.Argument(help="ROOT files, or one prepared dataset."),
    ] = None,
    space: Annotated[
        Path,
        typer.Option(help="What is varied: key -> low, high, log, step | choices."),
    ] = Path("space.yaml"),
    trials: Annotated[
        int, typer.Option(help="Trials, of all processes and starts together.")
    ] = 20,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the search.")
    ] = Path("search"),
    monitor: Annotated[
        str | None,
        typer.Option(help="val_auc or val_loss. Default: as the last stage."),
    ] = None,
    sampler: Annotated[str, typer.Option(help="tpe or random.")] = "tpe",
    pruner: Annotated[
        str, typer.Option(help="median, percentile, halving, hyperband or none.")
    ] = "median",
    prune_after: Annotated[
        int, typer.Option(help="Epochs that each trial has at least.")
    ] = 3,
    config: Config = None,
    override: Set = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train with many settings, and find the best."""
    from trackdnn.commands import search as command
    from trackdnn.commands import train as training

    settings = training.resolve(config, override or [], files or [], seed, quiet)
    command.run(
        settings,
        space,
        output,
        trials=trials,
        monitor=monitor,
        sampler=sampler,
        pruner=pruner,
        prune_after=prune_after,
        as_json=as_json,
    )
