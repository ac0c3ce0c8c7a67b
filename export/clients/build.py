"""Clients made ready to run: compiled into a cache, or a script for Node.js.

A program is compiled again when a source, the compiler or a library changes.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from export.clients import node
from export.clients.runtimes import Runtime, find_onnxruntime, find_tensorflow
from export.errors import ClientError, MissingToolError

SOURCES = Path(__file__).parent
SUFFIXES = (".c", ".cc", ".h", ".js")
SECONDS = 600

_FLAGS = ("-O2", "-Wall", "-Wextra", "-pthread")
_C11 = ("-std=c11", "-D_POSIX_C_SOURCE=200809L")
# Name, variable that names a compiler, usual compilers, options.
_LANGUAGES = {
    ".c": ("C", "CC", ("cc", "gcc", "clang"), _C11),
    ".cc": ("C++", "CXX", ("c++", "g++", "clang++"), ("-std=c++17",)),
}


@dataclasses.dataclass(frozen=True)
class Client:
    """A program that serves one artifact of a bundle.

    Args:
        source: Its file, beside this one.
        artifact: `"frozen_graph"`, `"saved_model"` or `"onnx"`.
        runtime: Finds what it is compiled with; `None` for a script.
    """

    source: str
    artifact: str
    runtime: Callable[[], Runtime] | None = None


CLIENTS = {
    "tf_session": Client("tf_session.cc", "frozen_graph", find_tensorflow),
    "tf_c_api": Client("tf_c_api.c", "frozen_graph", find_tensorflow),
    "saved_model": Client("saved_model.c", "saved_model", find_tensorflow),
    "onnx_session": Client("onnx_session.cc", "onnx", find_onnxruntime),
    "onnx_node": Client("onnx_node.js", "onnx"),
}


@dataclasses.dataclass(frozen=True)
class Program:
    """A client that can be run.

    Args:
        command: What to run; model, probe and options follow.
        environment: What to add to the environment.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)


def sources() -> list[Path]:
    """The sources of all clients."""
    return sorted(path for path in SOURCES.iterdir() if path.suffix in SUFFIXES)


def write_sources(folder: Path) -> list[Path]:
    """Copy the sources to a folder of the user's.

    Raises:
        ClientError: If one would replace a file that says something else.
    """
    written = {path: folder / path.name for path in sources()}
    for path, target in written.items():
        if target.exists() and target.read_bytes() != path.read_bytes():
            raise ClientError(
                f"{target} must not exist yet, or be the same. Received: another file"
            )
    folder.mkdir(parents=True, exist_ok=True)
    for path, target in written.items():
        hidden = target.with_name(f".{target.name}.tmp")
        shutil.copyfile(path, hidden)
        hidden.replace(target)
    return list(written.values())


def default_cache() -> Path:
    """Where compiled clients are kept for this user."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "trackdnn" / "clients"


def build(name: str, cache: Path, *, fetch: bool = False) -> Program:
    """A client made ready to run.

    Args:
        name: One of `CLIENTS`.
        cache: Folder of what is compiled and fetched; made if need be.
        fetch: Get the package onnxruntime-node from npm if it is missing.

    Returns:
        How to run it.

    Raises:
        MissingToolError: If a compiler, a runtime or its headers are not there.
        ClientError: If it does not compile.
    """
    client = CLIENTS[name]
    try:
        if client.runtime is None:
            return _script(client.source, cache, fetch)
        return _compiled(name, client.source, client.runtime(), cache)
    except OSError as error:
        raise ClientError(f"{cache} must be writable. Received: {error}") from error


def _script(source: str, cache: Path, fetch: bool) -> Program:
    modules = node.find_modules(cache, fetch=fetch)
    command = (node.find_node(), str(SOURCES / source))
    return Program(command, {"NODE_PATH": str(modules)})


def _compiled(name: str, source: str, runtime: Runtime, cache: Path) -> Program:
    compiler = find_compiler(source)
    folder = cache / f"{name}-{_key(runtime, compiler)}"
    program = folder / name
    if not program.is_file():
        _make(folder, name, SOURCES / source, runtime, compiler)
    return Program((str(program),))


def find_compiler(source: str) -> tuple[str, ...]:
    """The compiler of a source and its options for the language.

    Raises:
        MissingToolError: If there is none.
    """
    language, variable, usual, options = _LANGUAGES[Path(source).suffix]
    named = os.environ.get(variable)
    words = shlex.split(named) if named else list(filter(shutil.which, usual))[:1]
    if not words or shutil.which(words[0]) is None:
        raise MissingToolError(
            f"A {language} compiler must be installed, or named by {variable}. "
            f"Received: {named or 'none of ' + ', '.join(usual)}"
        )
    return (*words, *options)


def compile_command(
    source: Path, runtime: Runtime, compiler: tuple[str, ...]
) -> list[str]:
    """What compiles a source, without the output; our own warnings alone are shown."""
    # Named again, the compiler's own folder is looked into too late.
    own = runtime.include in (Path("/usr/include"), Path("/usr/local/include"))
    include = [] if own else ["-isystem", str(runtime.include)]
    return [*compiler, *_FLAGS, *include, str(source)]


def _make(
    folder: Path, name: str, source: Path, runtime: Runtime, compiler: tuple[str, ...]
) -> None:
    """Compile and link beside the final folder, then rename."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".build-") as made:
        for link, library in runtime.links.items():
            (Path(made) / link).symlink_to(library)
        places = {str(library.parent) for library in runtime.libraries}
        command = compile_command(source, runtime, compiler)
        command += ["-o", str(Path(made) / name), *map(str, runtime.libraries), "-lm"]
        command += ["-Wl,-rpath,$ORIGIN", *(f"-Wl,-rpath,{p}" for p in sorted(places))]
        _compile(command, source)
        folder.mkdir(exist_ok=True)
        for path in sorted(Path(made).iterdir(), key=lambda path: path.name == name):
            # The program last: where it is, all of it is.
            path.replace(folder / path.name)


def _compile(command: list[str], source: Path) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ClientError(
            f"{source.name} must compile within {SECONDS} s, and does not"
        ) from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line]
        reason = (lines or done.stderr.splitlines() or ["no message"])[0]
        raise ClientError(
            f"{source.name} must compile. Received: {reason.strip()[:300]}. "
            f"The command was: {shlex.join(command)}"
        )


def _key(runtime: Runtime, compiler: tuple[str, ...]) -> str:
    """What a compiled program depends on, as sixteen digits."""
    key = hashlib.sha256(_version(compiler).encode())
    key.update(repr((compiler, _FLAGS, str(runtime.include))).encode())
    for path in runtime.libraries:
        about = path.stat()
        key.update(f"{path} {about.st_size} {about.st_mtime_ns}".encode())
    for path in sources():
        key.update(path.read_bytes())
    return key.hexdigest()[:16]


@functools.cache
def _version(compiler: tuple[str, ...]) -> str:
    words = [compiler[0], "--version"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout
