"""The ways to serve a network that the inference benchmark compares."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from benchmarks.turns import Method

if TYPE_CHECKING:
    import argparse

    from export.clients.build import Program

Memory = dict[str, float | None]

SESSION, CPP_SESSION = "TensorFlow session", "TensorFlow session, C++"
ONNX, OPTIMISED = "ONNX", "ONNX optimised"
UNKNOWN: Memory = {"library": None, "session": None, "per_thread": None}


class Service(Protocol):
    """A network in a runtime."""

    network: str
    way: str
    path: Path

    @property
    def title(self) -> str:
        """Both, in words."""

    def start(self) -> None:
        """Load it and warm up."""

    def microseconds(self, batch: int, seconds: float) -> float:
        """Time per track of one turn."""

    def memory(self) -> Memory:
        """Resident MiB: `library`, `session` and `per_thread`."""

    def end(self) -> None:
        """Let it go."""

    def describe(self) -> dict[str, Any]:
        """For the report."""


@dataclasses.dataclass
class _Service:
    network: str
    way: str
    path: Path

    @property
    def title(self) -> str:
        return f"{self.network}: {self.way}"

    def describe(self) -> dict[str, Any]:
        size = self.path.stat().st_size if self.path.is_file() else None
        return {"network": self.network, "way": self.way, "bytes": size}


@dataclasses.dataclass
class Child(_Service):
    """Served from Python, in a process of its own."""

    kind: str
    tracks: Path

    def start(self) -> None:
        self._method = Method(self._command())
        self._method.ready()

    def microseconds(self, batch: int, seconds: float) -> float:
        found = self._method.ask(f"{batch} {seconds}")
        return 1e6 * float(found["seconds"]) / float(found["samples"])

    def memory(self) -> Memory:
        done = subprocess.run(
            [sys.executable, *self._command(), "memory"],
            capture_output=True,
            text=True,
            check=True,
        )
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def end(self) -> None:
        if hasattr(self, "_method"):
            self._method.end()

    def _command(self) -> list[str]:
        words = [self.kind, str(self.path), str(self.tracks)]
        return ["-m", "benchmarks.serving", *words]


@dataclasses.dataclass
class Compiled(_Service):
    """Served by one of our clients in another language, which times itself."""

    program: Program
    probe: Path
    rows: int

    def start(self) -> None:
        self._pace = {1: 20.0}

    def microseconds(self, batch: int, seconds: float) -> float:
        pace = self._pace.get(batch, min(self._pace.values()))
        passes = max(1, round(1e6 * seconds / (pace * self.rows)))
        found = self._run(batch, passes)["microseconds_per_track"]
        self._pace[batch] = float(found)
        return float(found)

    def memory(self) -> Memory:
        one, many = self._run(16, 1), self._run(16, 1, threads=4)
        each = (many["memory_after"] - one["memory_after"]) / 3
        return {
            "library": one["memory_before"],
            "session": one["memory_after"] - one["memory_before"],
            "per_thread": each,
        }

    def end(self) -> None:
        pass

    def _run(self, batch: int, passes: int, threads: int = 1) -> dict[str, Any]:
        from export.clients.run import run_client

        return run_client(
            self.program,
            self.path,
            self.probe,
            threads=threads,
            batch=batch,
            repeat=passes,
        )


def fetch_services(
    options: argparse.Namespace, tracks: Path, folder: Path
) -> list[Service]:
    """All services: the first run in every way, the rest in the ways that matter."""
    probe, rows = _probe(tracks, folder)

    def child(network: str, way: str, path: Path, kind: str) -> Service:
        return Child(network, way, path, kind, tracks)

    def compiled(network: str, way: str, path: Path, name: str) -> Iterator[Service]:
        program = _program(name, options.cache)
        if program is not None:
            yield Compiled(network, way, path, program, probe, rows)

    found: list[Service] = []
    for number, run in enumerate(options.runs):
        bundle, name = run / "bundle", run.name
        found.append(child(name, SESSION, bundle / "frozen_graph.pb", "session"))
        found += compiled(name, CPP_SESSION, bundle / "frozen_graph.pb", "tf_session")
        found.append(child(name, ONNX, bundle / "model.onnx", "onnx"))
        made = _variants(bundle / "model.onnx", folder / name, tracks, not number)
        found += [child(name, way, path, "onnx") for way, path in made.items()]
        found += compiled(name, f"{ONNX}, C++", bundle / "model.onnx", "onnx_session")
        found += compiled(name, f"{OPTIMISED}, C++", made[OPTIMISED], "onnx_session")
        if number:
            continue
        found += compiled(name, f"{ONNX}, Node.js", bundle / "model.onnx", "onnx_node")
        found.append(child(name, "SavedModel", bundle / "saved_model", "saved_model"))
        found.append(child(name, "Keras predict_on_batch", run, "keras_batch"))
        found.append(child(name, "Keras predict", run, "keras_predict"))
    for graph in options.production:
        found.append(child(graph.stem, SESSION, graph, "session"))
        found += compiled(graph.stem, CPP_SESSION, graph, "tf_session")
        onnx = _converted(graph, folder / f"{graph.stem}.onnx", tracks)
        found.append(child(graph.stem, "converted to ONNX", onnx, "onnx"))
        made = _variants(onnx, folder / graph.stem, tracks, False)
        found += [child(graph.stem, way, path, "onnx") for way, path in made.items()]
    return found


def _probe(tracks: Path, folder: Path) -> tuple[Path, int]:
    """The tracks as the clients read them, without scores to compare with."""
    from export.clients.probe_file import ClientProbe, write_probe_file

    with np.load(tracks, allow_pickle=False) as content:
        probe = ClientProbe(features=content["features"], category=content["category"])
    path = folder / "tracks.bin"
    write_probe_file(path, probe)
    return path, len(probe.features)


def _program(name: str, cache: Path | None) -> Program | None:
    from export.clients.build import build, default_cache
    from export.errors import ClientError

    try:
        return build(name, cache or default_cache())
    except ClientError as error:
        print(f"without the client {name}: {error}", file=sys.stderr)
        return None


def _variants(onnx: Path, folder: Path, tracks: Path, every: bool) -> dict[str, Path]:
    """The optimised network, and with `every` those of fewer bits."""
    import onnx as library

    from export.safety import read_onnx
    from export.variants import kinds

    proto = library.load_from_string(read_onnx(onnx))
    with np.load(tracks, allow_pickle=False) as content:
        feed = {"x": content["features"], "y": content["category"]}
    folder.mkdir()
    made = {}
    for kind in kinds.KINDS if every else (kinds.OPTIMISED,):
        path = folder / f"model.{kind}.onnx"
        variant = kinds.make(kind, proto, feed)
        path.write_bytes(variant.SerializeToString(deterministic=True))
        made[OPTIMISED if kind == kinds.OPTIMISED else f"ONNX {kind}"] = path
    return made


def _converted(graph: Path, path: Path, tracks: Path) -> Path:
    """The same network as ONNX, proven on the tracks."""
    from export.conversion.converter import ConversionOptions, convert
    from export.conversion.proof import Trial
    from export.conversion.source import read_source
    from export.parity import Probe

    with np.load(tracks, allow_pickle=False) as content:
        rows = Probe(content["features"], content["category"])
    options = ConversionOptions(to="onnx")
    convert(read_source(graph), path, options, [Trial(name="tracks", probe=rows)])
    return path
