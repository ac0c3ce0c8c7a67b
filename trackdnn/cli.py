"""The command line: commands, errors and exit codes.

What users can type is in `commands.declarations`, each command's work in `commands`.

Exit codes: 0 done, 1 our bug, 2 the user's input, 3 a job without progress, 85 stopped
with a checkpoint (run it again), 130 interrupted.
Nothing here imports TensorFlow, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.exceptions import TyperException

from export.errors import ExportError
from trackdnn.commands.declarations import (
    artifacts,
    datasets,
    deployment,
    events,
    finding,
    runs,
    trainings,
)
from trackdnn.commands.visible import visible
from trackdnn.errors import Stopped, TrackdnnError
from trackdnn.version import __version__

INTERRUPTED = 130
# `train voxdyn` is `train-voxdyn`; `train FILE...` trains a network.
_KINDS_OF_TRAINING = ("finder", "voxdyn")

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Machine learning for charged-particle tracking. Without a command: train.",
)
for part in (trainings, datasets, artifacts, deployment, events, finding, runs):
    app.add_typer(part.app)


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
    if words[0] == "train" and words[1:2] and words[1] in _KINDS_OF_TRAINING:
        words[:2] = [f"train-{words[1]}"]
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
        return _interrupted()
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
    # Typer makes an exit code of Ctrl-C.
    if code == INTERRUPTED:
        return _interrupted()
    return code if isinstance(code, int) else 0


def _interrupted() -> int:
    sys.stderr.write("interrupted\n")
    return INTERRUPTED


def _usage(error: TyperException) -> str:
    text = error.format_message() if hasattr(error, "format_message") else str(error)
    return f"{text.rstrip('.')}. See `python main.py --help`."


def _fail(message: str) -> int:
    one_line = " ".join(message.split())
    sys.stderr.write(f"error: {visible(one_line)}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
