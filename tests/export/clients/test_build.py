from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from export.clients import build as building
from export.clients.build import CLIENTS, SOURCES, Client, build
from export.clients.runtimes import Runtime, find_tensorflow
from export.errors import ClientError, MissingToolError

HELLO = '#include "word.h"\n#include <stdio.h>\nint main(void) { puts(WORD); }\n'


@pytest.fixture
def hello(compiler, tmp_path, monkeypatch):
    """A client of which each test may change the source."""
    sources = tmp_path / "sources"
    include = tmp_path / "include"
    sources.mkdir()
    include.mkdir()
    (include / "word.h").write_text('#define WORD "hello"\n')
    (sources / "hello.c").write_text(HELLO)
    library = tmp_path / "lib" / "libnothing.so.1.2"
    library.parent.mkdir()
    nothing = tmp_path / "nothing.c"
    nothing.write_text("extern int nothing;\nint nothing = 1;\n")
    compiler(nothing, library, "-shared", "-fPIC", "-Wl,-soname,libnothing.so.1")
    runtime = Runtime(
        include=include, libraries=(library,), links={"libnothing.so.1": library}
    )
    monkeypatch.setattr(building, "SOURCES", sources)
    monkeypatch.setitem(CLIENTS, "hello", Client("hello.c", "onnx", lambda: runtime))
    return sources / "hello.c"


def said(program):
    return subprocess.run(program.command, capture_output=True, text=True).stdout


@pytest.mark.usefixtures("hello")
def test_build_compiles_into_the_cache(tmp_path):
    program = build("hello", tmp_path / "cache")

    (folder,) = (tmp_path / "cache").iterdir()
    assert sorted(path.name for path in folder.iterdir()) == [
        *("hello", "libnothing.so.1"),
    ]
    assert program.command == (str(folder / "hello"),)
    assert said(program) == "hello\n"


@pytest.mark.usefixtures("hello")
def test_build_compiles_once(tmp_path, monkeypatch):
    build("hello", tmp_path / "cache")
    monkeypatch.setattr(building, "_make", None)

    assert said(build("hello", tmp_path / "cache")) == "hello\n"


def test_build_compiles_what_changed(hello, tmp_path):
    build("hello", tmp_path / "cache")
    hello.write_text(HELLO.replace("WORD)", '"other")'))

    assert said(build("hello", tmp_path / "cache")) == "other\n"


def test_build_tells_the_first_error_of_the_compiler(hello, tmp_path):
    hello.write_text("int main(void) { return nowhere; }\n")

    with pytest.raises(ClientError, match=r"hello.c must compile. Received: .*nowhere"):
        build("hello", tmp_path / "cache")

    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.usefixtures("hello")
def test_build_needs_a_place_to_write(tmp_path):
    (tmp_path / "cache").write_text("a file")

    with pytest.raises(ClientError, match="must be writable"):
        build("hello", tmp_path / "cache")


def test_build_gives_up_on_a_compiler_that_hangs(hello, tmp_path, monkeypatch):
    slow = tmp_path / "slow"
    slow.write_text('#!/bin/sh\ncase "$1" in --version) exit 0;; esac\nexec sleep 60\n')
    slow.chmod(0o755)
    monkeypatch.setenv("CC", str(slow))
    monkeypatch.setattr(building, "SECONDS", 0.2)

    with pytest.raises(ClientError, match="must compile within"):
        build("hello", tmp_path / "cache")


def test_compiler_can_be_named(monkeypatch):
    monkeypatch.setenv("CC", "env cc")

    assert building.find_compiler("a.c")[:3] == ("env", "cc", "-std=c11")


@pytest.mark.parametrize(
    ("variable", "source", "language"), [("CC", "a.c", "C"), ("CXX", "a.cc", r"C\+\+")]
)
def test_compiler_that_is_not_there_is_missed(monkeypatch, variable, source, language):
    monkeypatch.setenv(variable, "no-such-compiler")

    with pytest.raises(MissingToolError, match=f"A {language} compiler must be inst"):
        building.find_compiler(source)


def test_compiler_is_missed_without_any(monkeypatch, tmp_path):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MissingToolError, match="Received: none of cc, gcc, clang"):
        building.find_compiler("a.c")


def test_folders_of_the_compiler_are_not_named_again(tmp_path):
    usual = Runtime(include=building.Path("/usr/include"), libraries=())
    other = Runtime(include=tmp_path, libraries=())

    assert "-isystem" not in building.compile_command(tmp_path, usual, ("cc",))
    assert "-isystem" in building.compile_command(tmp_path, other, ("cc",))


def test_script_gets_the_folder_of_its_package(monkeypatch, tmp_path):
    monkeypatch.setattr(building.node, "find_node", lambda: "node")
    monkeypatch.setattr(building.node, "find_modules", lambda *_, **__: tmp_path)

    program = build("onnx_node", tmp_path)

    assert program.command == ("node", str(SOURCES / "onnx_node.js"))
    assert program.environment == {"NODE_PATH": str(tmp_path)}


def test_cache_is_that_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert building.default_cache() == tmp_path / "trackdnn" / "clients"

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert building.default_cache() == tmp_path / ".cache" / "trackdnn" / "clients"


def test_sources_are_copied_for_integrators(tmp_path):
    written = building.write_sources(tmp_path / "new")

    names = {path.name for path in written}
    assert names >= {client.source for client in CLIENTS.values()}
    assert names >= {"probe_file.h", "client.h", "tf_tensors.h"}
    for path in written:
        assert path.read_bytes() == (SOURCES / path.name).read_bytes()
    assert building.write_sources(tmp_path / "new") == written


def test_sources_replace_nothing_of_the_user(tmp_path):
    (tmp_path / "client.h").write_text("mine")

    with pytest.raises(ClientError, match=r"client.h must not exist yet"):
        building.write_sources(tmp_path)

    assert os.listdir(tmp_path) == ["client.h"]  # noqa: PTH208


@pytest.mark.parametrize("source", ["tf_c_api.c", "saved_model.c"])
def test_sources_in_c_compile_without_a_warning(compiler, source):
    runtime = find_tensorflow()
    command = building.compile_command(
        SOURCES / source, runtime, building.find_compiler(source)
    )

    done = subprocess.run(
        [*command, "-Werror", "-fsyntax-only"], capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("node"), reason="no node")
def test_source_in_javascript_is_sound():
    done = subprocess.run(["node", "--check", SOURCES / "onnx_node.js"])

    assert done.returncode == 0


@pytest.mark.parametrize("path", building.sources(), ids=lambda path: path.name)
def test_sources_keep_the_length_of_lines(path):
    assert max(map(len, path.read_text().splitlines())) <= 88
