"""Does any settings file end in a traceback?

    python -m benchmarks.fuzz_settings --files 10000

Gives files that hypothesis makes up (`benchmarks.settings_files`) to the command
line, as `train --config FILE --settings-only`, in this process. Each must be valid, or
refused with one line and exit code 2. Of a valid one, the settings that are left in
the run must read back as the same, and again as the same text. Prints how many were
what, and the longest time; exit code 1 if one was neither. The same number of files
gives the same files.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import io
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from benchmarks.settings_files import SettingsFile, files
from trackdnn.cli import main as command_line
from trackdnn.commands.train import resolve
from trackdnn.configuration import load_settings
from trackdnn.evaluation.tables import Plain

VALID, REFUSED, WRONG = "valid", "refused", "wrong"
LONGEST_MESSAGE = 1000


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of a file: `valid`, `refused` or `wrong`, what was said, seconds."""

    file: SettingsFile
    verdict: str
    message: str
    seconds: float


def judge(file: SettingsFile, folder: Path) -> Outcome:
    """What the command line makes of a file.

    Args:
        file: The file.
        folder: Where it and the run are written; used again by the next.
    """
    path, run = folder / f"settings{file.suffix}", folder / "run"
    path.write_bytes(file.content)
    words = ["train", "--config", str(path), "--settings-only", "--quiet"]
    said, start = io.StringIO(), time.perf_counter()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            code: int | str = command_line([*words, "--run-dir", str(run)])
        except BaseException as error:
            # Whatever it is: the command line must not let it through.
            code = repr(error)
    seconds = time.perf_counter() - start
    message = said.getvalue()
    verdict = _verdict(code, message, path, run)
    return Outcome(file, verdict, f"exit code {code}: {message}", seconds)


def _verdict(code: int | str, message: str, path: Path, run: Path) -> str:
    if code == 0:
        return VALID if _survives(path, run / "settings.yaml") else WRONG
    one_line = message.count("\n") == 1 and message.startswith("error: ")
    return REFUSED if code == 2 and one_line and _is_short(message) else WRONG


def _is_short(message: str) -> bool:
    return len(message) <= LONGEST_MESSAGE


def _survives(path: Path, left: Path) -> bool:
    """Whether the settings that were left in a run read back as the same."""
    from trackdnn.training.run import to_yaml

    meant, read = resolve(path, [], [], None, True), load_settings(left)
    return read == meant and to_yaml(read) == left.read_text("utf-8")


def run(
    count: int, each: Callable[[Outcome], None] = lambda outcome: None
) -> list[Outcome]:
    """Judges files that hypothesis makes up.

    Args:
        count: How many.
        each: Called with each outcome.
    """
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="trackdnn-fuzz-") as name:

        @settings(
            max_examples=count,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(file=files)
        def judge_each(file: SettingsFile) -> None:
            outcomes.append(judge(file, Path(name)))
            each(outcomes[-1])

        judge_each()
    return outcomes


def report(outcomes: list[Outcome]) -> str:
    """How many files of each kind were what, and the slowest."""
    kinds = sorted({one.file.kind for one in outcomes})
    rows = [_row(kind, [o for o in outcomes if o.file.kind == kind]) for kind in kinds]
    header = ("files", "number", VALID, "refused in one line", WRONG, "longest (s)")
    title = "Settings files"
    return Plain(title, header, (*rows, _row("all", outcomes))).to_markdown()


def _row(name: str, outcomes: list[Outcome]) -> tuple[str, ...]:
    counts = Counter(one.verdict for one in outcomes)
    numbers = [f"{counts[verdict]:,}" for verdict in (VALID, REFUSED, WRONG)]
    longest = max((one.seconds for one in outcomes), default=0.0)
    return (name, f"{len(outcomes):,}", *numbers, f"{longest:.3f}")


def main(arguments: list[str] | None = None) -> int:
    """Runs it and prints its table; 1 if a file ended as none should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    options = parser.parse_args(arguments)
    # What a settings file in Python makes Python warn of.
    warnings.simplefilter("ignore", SyntaxWarning)
    outcomes = run(options.files)
    print(report(outcomes))
    wrong = [one for one in outcomes if one.verdict == WRONG]
    for one in wrong[:20]:
        print(f"\n{one.file.kind}, {one.file.suffix}: {one.message[:1000]}")
        print(repr(one.file.content[:2000]))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
