"""Is every malformed event refused with one line that says what to do?

    python -m benchmarks.malformed_events

Spoils a small event in each of the ways of `benchmarks.malformed_cases`, reads it, and
prints what was said. An event that is read all the same, a traceback, more than one
line, or a line without the file, the column, the row and the value that it should name
is a failure.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.malformed_cases import CASES, Case
from benchmarks.small_events import write_files
from trackdnn.errors import BadFileError
from trackdnn.events.open import open_events

BUG = "traceback of "


def main(arguments: list[str] | None = None) -> int:
    """Prints each message and how many are clear; 1 if one is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quiet", action="store_true", help="only what is not clear")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        said = [refusal(case, Path(folder) / case.name) for case in CASES]
    for case, text in zip(CASES, said, strict=True):
        if not (options.quiet and is_clear(case, text)):
            print(f"{case.name}\n    {text.replace(folder, '...')}")
    clear = sum(map(is_clear, CASES, said))
    print(f"{clear} of {len(CASES)} refused clearly")
    return 0 if clear == len(CASES) else 1


def refusal(case: Case, folder: Path) -> str:
    """What reading a spoilt event says.

    Args:
        case: How it is spoilt.
        folder: Where to write it.

    Returns:
        The message, or what happened in its place.
    """
    write_files(folder, case.files)
    case.change(folder)
    detectors = folder / case.detectors if case.detectors else None
    try:
        for source in open_events([folder / case.place], detectors=detectors):
            source.load()
    except BadFileError as error:
        return str(error)
    except Exception as error:  # Our bug, which is what this program looks for.
        return f"{BUG}{type(error).__name__}: {error}"
    return "read without a word"


def is_clear(case: Case, text: str) -> bool:
    """Whether a message is one line with all that it should say."""
    shaped = "\n" not in text and " must " in text and " Received: " in text
    shaped = shaped and not text.startswith(BUG)
    return shaped and all(word in text for word in case.words)


if __name__ == "__main__":
    sys.exit(main())
