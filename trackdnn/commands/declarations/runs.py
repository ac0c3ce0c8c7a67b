"""What users can type to look at runs: `ls`, `watch`, `plot history`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trackdnn.commands.declarations.options import Json

app = typer.Typer(rich_markup_mode=None)
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


@app.command()
def watch(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    every: Annotated[float, typer.Option(help="Seconds between two looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
) -> None:
    """Show the history of a run that another process trains, as it grows."""
    from trackdnn.commands import watch as command

    command.run(run, every=every, once=once)


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
