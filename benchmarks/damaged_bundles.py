"""How much damage to a bundle goes unnoticed?

    python -m benchmarks.damaged_bundles [--bundle BUNDLE] [--positions 300]

Flips one bit, and cuts the end off, at random places of each file of a bundle, the
manifest included. `verify` and `infer` have to refuse each copy with one line; what
they do not refuse is counted, and makes the exit code 1. The place follows from the
file, the kind of damage and its number.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from export import verify
from export.errors import ExportError
from export.manifest import MANIFEST, read_bundle
from trackdnn.evaluation.tables import Plain
from trackdnn.inference.infer import infer

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ("bit", "cut")
REFUSED, PASSED = "refused", "passed"
CUTS = "loose = -0.1\n"


@dataclasses.dataclass(frozen=True)
class Case:
    """One damaged file of a bundle."""

    file: str
    kind: str
    number: int


Outcomes = dict[tuple[Case, str], str]


def main(arguments: list[str] | None = None) -> int:
    """Damages each file, prints the table; 1 if anything was not refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, help="default: an untrained network's")
    parser.add_argument("--source", type=Path, default=Path("samples/test.root"))
    parser.add_argument("--positions", type=int, default=300, help="of each kind")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        bundle = options.bundle or make_bundle(Path(name) / "bundle")
        outcomes = run(bundle, options.source, options.positions, Path(name))
    print(report(outcomes))
    wrong = {key: text for key, text in outcomes.items() if text != REFUSED}
    for (case, door), text in wrong.items():
        print(case, door, text, file=sys.stderr)
    return 1 if wrong else 0


def make_bundle(folder: Path) -> Path:
    """The bundle of a small untrained network, with cuts."""
    from export.exporter import ModelExporter
    from network.builder import ModelBuilder
    from network.inputs import InputSpec
    from trackdnn.data.features import FEATURES
    from trackdnn.settings import ExportSettings, ModelSettings

    logarithmic = [one.transform == "absolute_log1p" for one in FEATURES]
    spec = InputSpec(
        names=tuple(one.name for one in FEATURES),
        units=tuple(one.unit for one in FEATURES),
        transforms=tuple(one.transform for one in FEATURES),
        lower=tuple(0.0 if one else -3.0 for one in logarithmic),
        upper=tuple(6.0 if one else 40.0 for one in logarithmic),
        scales=(1.0,) * len(FEATURES),
        vocabulary=(4, 5, 22, 23),
    )
    details = {
        "working_points": {"overall": {"loose": {"cut": -0.1}}, "iterations": {}},
        "cmssw_cuts": CUTS,
    }
    model = ModelBuilder(ModelSettings(options={"width": 16, "blocks": 1})).build(spec)
    exporter = ModelExporter(ExportSettings())
    exporter.export(model, spec, folder, details=details)
    return folder


def run(bundle: Path, source: Path, positions: int, folder: Path) -> Outcomes:
    """What `verify` and `infer` say to each damaged copy of a bundle.

    Args:
        bundle: An intact bundle.
        source: A ROOT file for `infer`.
        positions: Damaged copies of each file and kind.
        folder: Where to work.

    Raises:
        BundleError: If the bundle is not intact.
    """
    files = [*read_bundle(bundle).manifest["files"], MANIFEST]
    copy = folder / "damaged"
    contents = {name: (bundle / name).read_bytes() for name in files}
    for name, content in contents.items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(content)
    doors = {
        "verify": lambda: _verify(copy),
        "infer": lambda: _infer(copy, source, folder / "scores.parquet"),
    }
    outcomes: Outcomes = {}
    for name, kind, number in itertools.product(files, KINDS, range(positions)):
        case = Case(name, kind, number)
        (copy / name).write_bytes(damage(contents[name], case))
        outcomes |= {(case, door): _outcome(ask) for door, ask in doors.items()}
        (copy / name).write_bytes(contents[name])
    return outcomes


def damage(content: bytes, case: Case) -> bytes:
    """The bytes of a file after the damage of a case."""
    seed = [*case.file.encode(), KINDS.index(case.kind), case.number]
    rng = np.random.default_rng(seed)
    place = int(rng.integers(len(content)))
    if case.kind == "cut":
        return content[:place]
    data = bytearray(content)
    data[place] ^= 1 << int(rng.integers(8))
    return bytes(data)


def report(outcomes: Outcomes) -> str:
    """A table of how many damaged copies were refused."""
    rows = []
    for name in dict.fromkeys(case.file for case, _ in outcomes):
        found = Counter(
            (case.kind, door, text)
            for (case, door), text in outcomes.items()
            if case.file == name
        )
        cells = [
            f"{found[kind, door, REFUSED]}/"
            f"{sum(n for key, n in found.items() if key[:2] == (kind, door))}"
            for kind, door in itertools.product(KINDS, ("verify", "infer"))
        ]
        rows.append((name, *cells))
    header = ("File", *(f"{k}, {d}" for k in KINDS for d in ("verify", "infer")))
    table = Plain("Damage that is refused, of all", header, tuple(rows)).to_markdown()
    wrong = sum(text != REFUSED for text in outcomes.values())
    return f"{table}\n{len(outcomes)} readings of damaged bundles: {wrong} not refused."


def _verify(bundle: Path) -> None:
    failed = [c for c in verify.verify(bundle, []) if c.status == verify.FAILED]
    # The last one says that there was no runtime to replay in.
    if failed and failed[0].name != "replay":
        raise verify.RefusedError(failed[0].detail)


def _infer(bundle: Path, source: Path, output: Path) -> None:
    infer(bundle, [source], output, progress=False)


def _outcome(ask: Callable[[], None]) -> str:
    try:
        ask()
    except (ExportError, verify.RefusedError) as error:
        return REFUSED if "\n" not in str(error) else f"several lines: {error}"
    # Anything else would be a traceback for the user: that is what is looked for.
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return PASSED


if __name__ == "__main__":
    sys.exit(main())
