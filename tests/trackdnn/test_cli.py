import subprocess
import sys
from pathlib import Path

import pytest

from trackdnn.cli import main

ROOT = Path(__file__).parents[2]
COMMANDS = ["train", "evaluate", "export", "infer", "simulate", "inspect", "verify"]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", *words], cwd=ROOT, capture_output=True, text=True
    )


def test_help_names_every_command():
    done = run("--help")

    assert done.returncode == 0
    for command in COMMANDS:
        assert command in done.stdout


def test_cli_does_not_import_tensorflow():
    code = (
        "import sys\n"
        "from trackdnn.cli import main\n"
        "main(['train', '--help'])\n"
        "heavy = {'tensorflow', 'keras', 'uproot', 'matplotlib', 'onnxruntime'}\n"
        "sys.exit(len(heavy & set(sys.modules)))\n"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True)

    assert done.returncode == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys):
    assert main([command, "--help"]) == 0
    assert capsys.readouterr().out.startswith("Usage: ")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["evalute"], "Did you mean 'evaluate'"),
        (["--sed", "3"], "--seed"),
        (["evaluate"], "Missing argument"),
        (["simulate", "tracks", "--events", "x", "-o", "a.root"], "--events"),
        (["train", "--seed", "-1"], "'seed'"),
    ],
)
def test_bad_command_line_is_one_line_and_exit_2(words, part, capsys):
    code = main(words)

    error = capsys.readouterr().err
    assert code == 2
    assert error.count("\n") == 1
    assert part in error


def test_a_bug_is_called_a_bug(monkeypatch, capsys):
    from trackdnn.commands import inspect

    monkeypatch.setattr(inspect, "run", lambda *_, **__: 1 / 0)
    monkeypatch.delenv("TRACKDNN_DEBUG", raising=False)

    code = main(["inspect", "x"])

    assert code == 1
    assert "bug: ZeroDivisionError" in capsys.readouterr().err


def test_interrupt_exits_130(monkeypatch, capsys):
    from trackdnn.commands import inspect

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(inspect, "run", interrupt)

    assert main(["inspect", "x"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_version_is_printed(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("trackdnn ")
