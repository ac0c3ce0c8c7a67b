"""How much damage to a ROOT file goes unnoticed?

    python -m benchmarks.damaged_files --source samples/train.root

Writes the same tracks once with each compression, damages copies in each of eight
ways (`benchmarks.damage`), and reads each copy: it is refused with one line that names
the file, or gives the same tracks (the damage hit nothing that matters), or other
tracks, compared bit for bit. The last is damage that goes unnoticed. Each reading has
its time, and the memory of the process that reads is watched. Each file follows from
its compression, kind of damage and number.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import multiprocessing
import resource
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uproot

from benchmarks.damage import KINDS, Case, damage
from benchmarks.inputs import CODECS, TREE, Layout, write_files
from trackdnn.data.reader import read_tracks
from trackdnn.errors import InputError
from trackdnn.evaluation.tables import Plain
from trackdnn.settings import DataSettings, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from trackdnn.data.tracks import Tracks

TIMEOUT = 60.0
# What a reading may come to; anything else is the text of an error that is our bug.
REFUSED, SAME, UNNOTICED, HANG = "refused", "same", "unnoticed", "hang"
EXPECTED = (REFUSED, SAME, UNNOTICED)


@dataclasses.dataclass(frozen=True)
class Campaign:
    """What became of all cases, and the most memory in MB that reading took."""

    outcomes: dict[Case, str]
    memory: float

    def wrong(self) -> dict[Case, str]:
        """Cases with an error that is not for users, or no end."""
        return {c: text for c, text in self.outcomes.items() if text not in EXPECTED}

    def unnoticed(self, codec: str) -> int:
        """Cases of a compression that gave other tracks."""
        return sum(
            text == UNNOTICED for c, text in self.outcomes.items() if c.codec == codec
        )


def main(arguments: list[str] | None = None) -> int:
    """Runs the campaign and prints its table; 1 if a reading ended as none should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, default=Path("samples/train.root"))
    parser.add_argument("--positions", type=int, default=50, help="of each kind")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    campaign = run(options.source, options.positions, options.workers)
    print(report(campaign))
    for case, text in campaign.wrong().items():
        print(case, text, file=sys.stderr)
    return 1 if campaign.wrong() else 0


def run(source: Path, positions: int, workers: int = 2) -> Campaign:
    """Reads `positions` damaged files of each kind and compression.

    Args:
        source: The ntuple whose rows fill the files.
        positions: Damaged files of each kind and compression.
        workers: Files to read at a time.
    """
    cases = [
        Case(codec, kind, number)
        for codec, kind, number in itertools.product(CODECS, KINDS, range(positions))
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for codec in CODECS:
            layout = Layout(
                tracks=5000, per_event=100, codec=codec, basket=4000, files=1
            )
            written = write_files(folder, layout, source, workers=1)
            (written / "0.root").rename(folder / f"{codec}.root")
        parts = [(folder, cases[first::workers]) for first in range(workers)]
        with ThreadPoolExecutor(workers) as pool:
            results = list(pool.map(lambda part: _supervise(*part), parts))
    outcomes: dict[Case, str] = {}
    for found, _ in results:
        outcomes |= found
    return Campaign(outcomes, max(memory for _, memory in results))


def report(campaign: Campaign) -> str:
    """A table of how many damaged files went unnoticed, and a line on the rest."""
    rows = []
    for codec in CODECS:
        of_codec = {c: t for c, t in campaign.outcomes.items() if c.codec == codec}
        counts = Counter(of_codec.values())
        cells = [
            _share([t for c, t in of_codec.items() if c.kind == kind]) for kind in KINDS
        ]
        rows.append(
            (
                codec,
                *cells,
                _share(list(of_codec.values())),
                f"{counts[REFUSED]}",
                f"{counts[SAME]}",
            )
        )
    table = Plain(
        "Damage that goes unnoticed, of all files damaged",
        ("Compression", *KINDS, "all", "refused", "same tracks"),
        tuple(rows),
    )
    wrong = campaign.wrong()
    hangs = sum(text == HANG for text in wrong.values())
    return (
        f"{table.to_markdown()}\n{len(campaign.outcomes)} files: "
        f"{len(wrong) - hangs} errors that are not for users, {hangs} without an end; "
        f"reading took up to {campaign.memory:.0f} MB more than the intact files."
    )


def _share(outcomes: list[str]) -> str:
    return f"{outcomes.count(UNNOTICED)}/{len(outcomes)}"


def _supervise(folder: Path, cases: list[Case]) -> tuple[dict[Case, str], float]:
    """Has the cases read by a process, and starts another where one does not answer."""
    outcomes: dict[Case, str] = {}
    memory = 0.0
    left = iter(cases)
    worker = _Worker(folder)
    for case in left:
        answer = worker.ask(case)
        if answer is None:
            outcomes[case] = HANG
            worker = _Worker(folder)
        else:
            outcomes[case], memory = answer[0], max(memory, answer[1])
    worker.end()
    return outcomes, memory


class _Worker:
    """A process that damages and reads files."""

    def __init__(self, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other, folder), daemon=True)
        self._process.start()
        other.close()

    def ask(self, case: Case) -> tuple[str, float] | None:
        """The outcome of a case and the memory used; `None` if none came in time."""
        self._pipe.send(case)
        try:
            if self._pipe.poll(TIMEOUT):
                answer: tuple[str, float] = self._pipe.recv()
                return answer
        except EOFError:
            return f"the process died ({self._process.exitcode})", 0.0
        self._process.kill()
        return None

    def end(self) -> None:
        """Ends the process."""
        self._pipe.close()
        self._process.join(TIMEOUT)


def _work(pipe: Connection, folder: Path) -> None:
    """Answers cases until the other end closes."""
    intact = {codec: _intact(folder / f"{codec}.root") for codec in CODECS}
    before = _peak()
    with tempfile.TemporaryDirectory(dir=folder) as name:
        path = Path(name) / "damaged.root"
        for case in _cases(pipe):
            content, keys, expected = intact[case.codec]
            path.write_bytes(damage(content, case, keys))
            pipe.send((_outcome(path, expected), _peak() - before))


def _cases(pipe: Connection) -> Iterator[Case]:
    try:
        while True:
            yield pipe.recv()
    except EOFError:
        return


def _intact(path: Path) -> tuple[bytes, list[int], Tracks]:
    """Bytes, places of the baskets, and tracks of an intact file."""
    with uproot.open(path) as file:
        branches = file[TREE].branches
        keys = [
            int(place)
            for branch in branches
            for place in branch.member("fBasketSeek")[: branch.member("fWriteBasket")]
        ]
    return path.read_bytes(), keys, _read(path)


def _read(path: Path) -> Tracks:
    tracks, _ = read_tracks(
        [Sample(files=(str(path),))], DataSettings(), progress=False
    )
    return tracks


def _outcome(path: Path, expected: Tracks) -> str:
    try:
        found = _read(path)
    except InputError as error:
        text = str(error)
        named = path.name in text and "\n" not in text
        return REFUSED if named else f"message without the file: {text}"
    # Anything else would be a traceback for the user: that is what is looked for.
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return SAME if _same(found, expected) else UNNOTICED


def _same(one: Tracks, other: Tracks) -> bool:
    """Whether all columns are equal, bit for bit."""

    def columns(tracks: Tracks) -> dict[str, Any]:
        names = ("features", "category", "label", "event")
        found = {name: getattr(tracks, name) for name in names} | tracks.extras
        return {name: column.tobytes() for name, column in found.items()}

    return columns(one) == columns(other)


def _peak() -> float:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    sys.exit(main())
