"""The command line: what users can type. Each command's work is in `commands`.

Exit codes: 0 done, 1 our bug, 2 the user's input, 3 a job without progress, 85 stopped
with a checkpoint (run it again), 130 interrupted.
Nothing here imports TensorFlow, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from export.errors import ExportError
from trackdnn.errors import Stopped, TrackdnnError
from trackdnn.version import __version__

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Machine learning for charged-particle tracking. Without a command: train.",
)
simulate_app = typer.Typer(
    rich_markup_mode=None, help="Make labelled data: Pythia 8, ACTS, ROOT."
)
app.add_typer(simulate_app, name="simulate")

Config = Annotated[
    Path | None,
    typer.Option(
        help="Settings: a Python file with a dict `settings`, or YAML. "
        "Default: config.py in the current folder, if there is one."
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override one setting, a.b=c."),
]
Seed = Annotated[int | None, typer.Option(help="Same as --set seed=N.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bars.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


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


plot_app = typer.Typer(rich_markup_mode=None, help="Pictures of what runs recorded.")
app.add_typer(plot_app, name="plot")


@app.command("ls")
def list_files(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Runs, folders of runs, checkpoints, datasets, bundles, "
            "settings. Default: runs, if there is such a folder, else this folder."
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Explain our files, compare runs, name what is damaged."""
    from trackdnn.commands import ls as command

    default = Path("runs") if Path("runs").is_dir() else Path()
    return command.run(paths or [default], as_json=as_json)


@plot_app.command("history")
def plot_history(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The picture: .png or .pdf.")
    ] = Path("history.png"),
) -> None:
    """Loss, AUC and learning rate over all stages, runs laid over each other."""
    from trackdnn.commands import plot as command

    command.history(runs, output)


@app.command()
def watch(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    every: Annotated[float, typer.Option(help="Seconds between two looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
) -> None:
    """Show the history of a run that another process trains, as it grows."""
    from trackdnn.commands import watch as command

    command.run(run, every=every, once=once)


# For trackdnn/cli.py (after `train`); proven through the real command line.
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


@simulate_app.command("tracks")
def simulate_tracks(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The ROOT file to write.")
    ],
    events: Annotated[int, typer.Option(help="Number of events.")] = 20,
    mu: Annotated[float, typer.Option(help="Mean number of pile-up collisions.")] = 60,
    process: Annotated[
        str, typer.Option(help="ttbar, minbias or displaced.")
    ] = "ttbar",
    seed: Annotated[int, typer.Option(help="Seed; same seed, same arrays.")] = 1,
    workers: Annotated[int, typer.Option(help="Processes.")] = 1,
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


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"trackdnn {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Version."),
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: What follows the program's name; `sys.argv` by default. Without a
            command, `train` is meant.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    own = {"-h", "--help", "--version"}
    if not words or (words[0].startswith("-") and words[0] not in own):
        words.insert(0, "train")
    try:
        code = app(words, standalone_mode=False, prog_name="trackdnn")
    except (TrackdnnError, ExportError) as error:
        return _fail(str(error))
    except Stopped as stop:
        sys.stderr.write(f"{stop}\n")
        return stop.exit_code
    except TyperException as error:
        return _fail(_usage(error))
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("interrupted\n")
        return 130
    except BrokenPipeError:
        # The reader of a pipe has gone, as `| head` does: nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("TRACKDNN_DEBUG"):
            raise
        sys.stderr.write(
            f"bug: {type(error).__name__}: {error}\n"
            "This is a fault of trackdnn, not yours. Run again with TRACKDNN_DEBUG=1 "
            "in the environment for the traceback, and report it.\n"
        )
        return 1
    return code if isinstance(code, int) else 0


def _usage(error: TyperException) -> str:
    text = error.format_message() if hasattr(error, "format_message") else str(error)
    return f"{text.rstrip('.')}. See `python main.py --help`."


def _fail(message: str) -> int:
    one_line = " ".join(message.split())
    sys.stderr.write(f"error: {one_line}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
