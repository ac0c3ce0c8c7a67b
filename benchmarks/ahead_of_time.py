"""Does the SavedModel of fixed batch sizes compile ahead of time, and score the same?

    python -m benchmarks.ahead_of_time BUNDLE [--folder KEPT]

Compiles each signature of `saved_model_static/` with tfcompile (`saved_model_cli
aot_compile_cpu`, which is in TensorFlow's wheel), builds a C++ program around it with
the compiler at hand, feeds it the bundle's probe and compares with the scores by Keras.
Ends with 1 if one differs by more than the bundle's tolerance.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from export import static_batches, verify
from export.errors import ExportError
from export.manifest import Bundle, read_bundle
from trackdnn.errors import InputError
from trackdnn.evaluation.tables import Plain

SOURCE = Path(__file__).with_suffix(".cc")
SECONDS = 600


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One batch size, compiled and run.

    Args:
        size: Rows per batch.
        rows: Rows compared.
        difference: Largest difference of a score from that of Keras.
        size_bytes: Of the object files.
    """

    size: int
    rows: int
    difference: float
    size_bytes: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Compile, run and compare; 1 if a score differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--folder", type=Path, help="keeps what was built")
    options = parser.parse_args(arguments)
    try:
        bundle = read_bundle(options.bundle)
        with tempfile.TemporaryDirectory() as folder:
            found = outcomes(bundle, options.folder or Path(folder))
    except (ExportError, InputError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    Console().print(table(found).to_rich())
    tolerance = bundle.manifest["parity"]["tolerance"]
    return 0 if all(one.difference <= tolerance for one in found) else 1


def outcomes(bundle: Bundle, folder: Path) -> list[Outcome]:
    """Every batch size of a bundle.

    Args:
        bundle: A verified bundle.
        folder: Where to build.

    Raises:
        InputError: If it has none, or a tool is missing or fails.
    """
    if not bundle.static_batches:
        raise InputError(
            f"{bundle.folder} must have static batch sizes. Received: none. Export "
            "with --static-batch 1,16"
        )
    folder.mkdir(parents=True, exist_ok=True)
    probe = verify.read_probe(bundle.probe)
    return [_outcome(bundle, folder, size, probe) for size in bundle.static_batches]


def _outcome(bundle: Bundle, folder: Path, size: int, probe: verify.Arrays) -> Outcome:
    objects = compile_signature(bundle.static_saved_model, folder, size)
    program = build(bundle, folder, size, objects)
    feed = probe["features"].tobytes() + probe["category"].tobytes()
    scores = np.frombuffer(_run([str(program)], folder, feed), np.float32)
    expected = probe["score"][:, 0]
    if scores.shape != expected.shape or not np.isfinite(scores).all():
        raise InputError(f"{program} must give one finite score per row, and does not")
    return Outcome(
        size=size,
        rows=len(scores),
        difference=float(np.abs(scores - expected).max()),
        size_bytes=sum(path.stat().st_size for path in objects),
    )


def compile_signature(saved_model: Path, folder: Path, size: int) -> list[Path]:
    """Object files of one signature, made by tfcompile."""
    prefix = folder / f"trackdnn_bs{size}"
    words = ["--dir", str(saved_model.resolve()), "--tag_set", "serve"]
    words += ["--signature_def_key", static_batches.signature_of(size)]
    words += ["--output_prefix", str(prefix), "--cpp_class", f"trackdnn::batch{size}"]
    tool = Path(sys.executable).with_name("saved_model_cli")
    _run([str(tool), "aot_compile_cpu", *words], folder)
    return sorted(folder.glob(f"{prefix.name}*.o"))


def build(bundle: Bundle, folder: Path, size: int, objects: Sequence[Path]) -> Path:
    """A program around the object files of one signature."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        raise InputError("A C++ compiler must be on the PATH. Received: none")
    spec = importlib.util.find_spec("tensorflow")
    home = Path((spec.submodule_search_locations or [""])[0]) if spec else Path()
    runtime, program = home / "xla_aot_runtime_src", folder / f"batch{size}"
    defines = {
        "HEADER": f'"trackdnn_bs{size}.h"',
        "NETWORK": f"trackdnn::batch{size}",
        "ROWS": size,
        "WIDTH": bundle.spec.width,
        "FEATURES": f"arg_feed_{bundle.names.features}_data",
        "CATEGORY": f"arg_feed_{bundle.names.category}_data",
    }
    words = [compiler, "-w", "-std=c++17", "-O2"]
    words += [f"-D{name}={value}" for name, value in defines.items()]
    words += [f"-I{path}" for path in (folder, runtime, home / "include")]
    words += [str(SOURCE), *map(str, objects)]
    # What the header calls: it is in the wheel as source only.
    called = "tensorflow/compiler/tf2xla/xla_compiled_cpu_function.cc"
    words += [str(runtime / called), f"-L{home}", f"-Wl,-rpath,{home}"]
    words += ["-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"]
    _run([*words, "-o", str(program)], folder)
    return program


def table(found: Sequence[Outcome]) -> Plain:
    """The outcomes for people."""
    rows = [
        (
            f"{one.size}",
            f"{one.rows:,}",
            f"{one.difference:.1e}",
            f"{one.size_bytes / 1e6:.2f}",
        )
        for one in found
    ]
    header = ("batch", "rows", "max |Δp| from Keras", "object files / MB")
    return Plain("Compiled ahead of time, called from C++", header, tuple(rows))


def _run(words: Sequence[str], folder: Path, content: bytes | None = None) -> bytes:
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1"}
    try:
        done = subprocess.run(
            words,
            input=content,
            cwd=folder,
            env={**environment, "TF_CPP_MIN_LOG_LEVEL": "2"},
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"{words[0]} must run. Received: {error}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["nothing"]
        raise InputError(f"{words[0]} must end with 0. Received: {said[-1][:300]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
