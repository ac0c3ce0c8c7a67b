"""Does a bundle run where its targets say it does, in runtimes of other years?

    python -m benchmarks.old_runtimes BUNDLE
    python -m benchmarks.old_runtimes BUNDLE --environments KEPT

Builds an environment per runtime, from the package index, and feeds the bundle's probe
to each artifact there. An artifact that breaks a rule of the runtime is not run: the
table names the rule. Ends with 1 if an artifact differs by more than the bundle's
tolerance, or does not run although no rule says so.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from export.artifacts import Artifact, read_artifacts
from export.errors import ExportError
from export.manifest import Bundle, read_bundle
from export.target_rules import check_target
from export.targets import find_target
from trackdnn.commands.quiet import start_tensorflow

PROBE = Path(__file__).with_name("old_runtime_probe.py")
SECONDS = 600


@dataclasses.dataclass(frozen=True)
class Environment:
    """A runtime to try.

    Args:
        name: What the table calls it.
        target: The target whose rules hold in it.
        packages: What is installed.
    """

    name: str
    target: str
    packages: tuple[str, ...]


ENVIRONMENTS = (
    Environment("tensorflow 2.12", "tensorflow-2.12", ("tensorflow-cpu==2.12.1",)),
    Environment("tensorflow 2.16", "tensorflow-2.16", ("tensorflow-cpu==2.16.2",)),
    # The oldest for this Python. The first two want NumPy 1, and do not say so.
    Environment(
        "onnxruntime 1.15", "onnxruntime-1.15", ("onnxruntime==1.15.1", "numpy<2")
    ),
    Environment(
        "onnxruntime 1.17", "onnxruntime-1.17", ("onnxruntime==1.17.1", "numpy<2")
    ),
    Environment("onnxruntime 1.20", "onnxruntime-1.20", ("onnxruntime==1.20.1",)),
    Environment("onnxruntime 1.25", "onnxruntime-1.25", ("onnxruntime==1.25.1",)),
    Environment("onnxruntime newest", "onnxruntime-1.31", ("onnxruntime",)),
)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One artifact in one runtime.

    Args:
        artifact: Kind of the artifact.
        runtime: Name of the environment.
        version: Version that it turned out to have; empty if nothing was run.
        rows: Rows compared.
        difference: Largest difference from Keras, or `None` if nothing was run.
        verdict: `ok`, the rule that refuses, or what went wrong.
    """

    artifact: str
    runtime: str
    version: str = ""
    rows: int = 0
    difference: float | None = None
    verdict: str = "ok"

    @property
    def good(self) -> bool:
        """Whether it agrees, or is refused by a rule."""
        return self.verdict == "ok" or self.verdict.startswith("refused: ")


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 1 if an artifact fails without a rule, 2 for a bad bundle."""
    options = _options(arguments)
    try:
        bundle = read_bundle(options.bundle)
        # It reads what the graphs ask for.
        start_tensorflow()
        outcomes = []
        with _kept(options.environments) as folder:
            for outcome in matrix(bundle, folder, chosen(options.only)):
                print(line(outcome), file=sys.stderr)
                outcomes.append(outcome)
    except ExportError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(table(outcomes))
    return 0 if all(one.good for one in outcomes) else 1


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", type=Path, help="folder of a bundle")
    parser.add_argument(
        "--environments", type=Path, help="folder to keep the environments in"
    )
    names = [one.name for one in ENVIRONMENTS]
    parser.add_argument("--only", nargs="*", choices=names, help="runtimes to try")
    return parser.parse_args(arguments)


def chosen(names: Iterable[str] | None) -> list[Environment]:
    """The environments of these names; all by default."""
    wanted = set(names or ())
    return [one for one in ENVIRONMENTS if not wanted or one.name in wanted]


@contextlib.contextmanager
def _kept(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory() as temporary:
        yield Path(temporary)


def matrix(
    bundle: Bundle,
    folder: Path,
    environments: Iterable[Environment],
    install: Callable[[Path, Environment], Path] | None = None,
) -> Iterator[Outcome]:
    """Every artifact in every runtime that serves its kind.

    Args:
        bundle: A verified bundle.
        folder: Where environments are.
        environments: The runtimes.
        install: From a folder and an environment to its Python.
    """
    artifacts = read_artifacts(bundle.folder)
    for environment in environments:
        kinds = find_target(environment.target).kinds
        served = [one for one in artifacts if one.kind in kinds]
        try:
            python = (install or installed)(folder, environment)
        except subprocess.CalledProcessError as error:
            verdict = f"not installed: {_last_line(error.stderr)}"
            for one in served:
                yield Outcome(one.kind, environment.name, verdict=verdict)
            continue
        for one in served:
            yield outcome_of(bundle, one, environment, python)


def installed(folder: Path, environment: Environment) -> Path:
    """The Python of an environment, which is made unless it is there.

    Raises:
        subprocess.CalledProcessError: If a package cannot be installed.
    """
    place = folder / environment.name.replace(" ", "-")
    python, done = place / "bin" / "python", place / "installed"
    if not done.is_file():
        venv.create(place, clear=True, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet"]
        subprocess.run(
            [*command, "--disable-pip-version-check", *environment.packages],
            check=True,
            capture_output=True,
            text=True,
        )
        done.touch()
    return python


def outcome_of(
    bundle: Bundle, artifact: Artifact, environment: Environment, python: Path
) -> Outcome:
    """One artifact under one Python, unless a rule refuses it."""
    kind, name = artifact.kind, environment.name
    broken = check_target(artifact, find_target(environment.target))
    if broken:
        return Outcome(kind, name, verdict=f"refused: {'; '.join(broken)}")
    command = [str(python), str(PROBE), kind, *_inputs(bundle, kind)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=_environment(os.environ),
    )
    if done.returncode:
        return Outcome(kind, name, verdict=f"failed: {_last_line(done.stderr)}")
    return judged(bundle, kind, name, json.loads(done.stdout.splitlines()[-1]))


def judged(bundle: Bundle, kind: str, name: str, found: Mapping[str, Any]) -> Outcome:
    """What a probe found, with a verdict by the bundle's own tolerance."""
    tolerance = bundle.manifest["parity"]["tolerance"]
    off = found["difference"]
    # The other way round, NaN would pass.
    verdict = "ok" if off <= tolerance else f"off by more than {tolerance:g}"
    return Outcome(kind, name, found["version"], found["rows"], off, verdict)


def _inputs(bundle: Bundle, kind: str) -> list[str]:
    paths = {
        "frozen_graph": bundle.frozen_graph,
        "saved_model": bundle.saved_model,
        "onnx": bundle.onnx,
    }
    names = bundle.names
    output = bundle.manifest["outputs"][kind]
    words = (paths[kind], bundle.probe, names.features, names.category, output)
    return [str(word) for word in words]


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Without what would lead the other Python to our own packages."""
    kept = {key: value for key, value in variables.items() if key != "PYTHONPATH"}
    return {**kept, "TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": ""}


def _last_line(text: str | None) -> str:
    lines = (text or "").strip().splitlines()
    return lines[-1][:160] if lines else "no message"


def line(outcome: Outcome) -> str:
    """An outcome as a row of a Markdown table."""
    off = "" if outcome.difference is None else f"{outcome.difference:.1e}"
    rows = str(outcome.rows or "")
    cells = (outcome.artifact, outcome.runtime, outcome.version, rows, off)
    return f"| {' | '.join((*cells, outcome.verdict))} |"


def table(outcomes: Iterable[Outcome]) -> str:
    """All outcomes as a Markdown table."""
    head = "| artifact | runtime | version | rows | max \\|Δ\\| | verdict |"
    return "\n".join((head, "|---|---|---|---|---|---|", *map(line, outcomes)))


if __name__ == "__main__":
    sys.exit(main())
