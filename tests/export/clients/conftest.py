"""Small probes, a compiler, and a client whose runtime is arithmetic."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from export.clients.build import SOURCES, Program, find_compiler
from export.clients.probe_file import ClientProbe

HERE = Path(__file__).parent


def compiled(source: Path, target: Path, *options: str) -> Path:
    command = [*find_compiler(source.name), "-Wall", "-Wextra", "-Werror", "-pthread"]
    command += ["-I", str(SOURCES), str(source), "-o", str(target), "-lm", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="session")
def compiler():
    if not shutil.which("cc"):
        pytest.skip("no C compiler")
    return compiled


@pytest.fixture(scope="session")
def probe():
    """Scores that are the sum of the row's inputs: the arithmetic client's."""
    rng = np.random.default_rng(3)
    features = rng.integers(-8, 8, (39, 3)).astype(np.float32) / 64
    category = rng.integers(0, 4, (39, 1)).astype(np.float32)
    reference = features.sum(axis=1, keepdims=True) + category
    return ClientProbe(
        features=features,
        category=category,
        reference=reference.astype(np.float32),
        tolerance=1e-6,
    )


@pytest.fixture(scope="session")
def arithmetic(compiler, tmp_path_factory):
    """A client built from `client.h` that needs no runtime; its model is a number."""
    target = tmp_path_factory.mktemp("client") / "arithmetic"
    return Program((str(compiler(HERE / "arithmetic_client.c", target)),))


@pytest.fixture(scope="session")
def reader(compiler, tmp_path_factory):
    """What `probe_file.h` finds wrong with bytes; `None` if nothing."""
    folder = tmp_path_factory.mktemp("reader")
    source = folder / "reader.c"
    source.write_text(
        '#include "probe_file.h"\n'
        "extern const char *fault(const unsigned char *bytes, size_t size);\n"
        "const char *fault(const unsigned char *bytes, size_t size) {\n"
        "  (void)read_probe_file;\n"
        "  return probe_fault(bytes, size);\n"
        "}\n"
    )
    library = compiler(source, folder / "reader.so", "-shared", "-fPIC")
    fault = ctypes.CDLL(str(library)).fault
    fault.restype, fault.argtypes = ctypes.c_char_p, (ctypes.c_char_p, ctypes.c_size_t)
    return lambda content: (fault(content, len(content)) or b"").decode() or None
