"""What no source of ours calls, and what the way of a network never does."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

from trackdnn.cli import main

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for package in ("trackdnn", "network", "export")
    for path in (ROOT / package).rglob("*.py")
)
# Names of functions that unpack, fetch or run what a file says.
FORBIDDEN = {
    "load_model": "CVE-2024-3660, CVE-2025-1550, CVE-2025-8747, CVE-2025-9905",
    "deserialize_keras_object": "CVE-2025-1550",
    "model_from_json": "CVE-2024-3660",
    "enable_unsafe_deserialization": "CVE-2025-9906",
    "get_file": "CVE-2025-12060, CVE-2025-12638",
    "extractall": "CVE-2025-12638, GHSA-hqp4-2352-xf5r",
    "unpack_archive": "GHSA-hqp4-2352-xf5r",
    "hub": "CVE-2024-5187, CVE-2026-28500",
    "save_external_data": "CVE-2025-51480",
    "load_external_data_for_model": "CVE-2026-34445",
    "convert_model_to_external_data": "CVE-2025-51480",
    "register_custom_ops_library": "operators of others",
    "load_op_library": "operators of others",
    "TFSMLayer": "CVE-2026-1462",
    "TorchModuleWrapper": "CVE-2025-49655",
    "StringLookup": "CVE-2025-12058",
    "unsafe_load": "YAML tags",
    "full_load": "YAML tags",
    "eval": "code in data",
    "exec": "code in data",
}


@functools.cache
def nodes_of(path):
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"))))


def names_in(path):
    """Names that a source calls, imports or takes from something."""
    for node in nodes_of(path):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield from alias.name.split(".")


@pytest.fixture(scope="module")
def used():
    found = {}
    for path in SOURCES:
        for name in names_in(path):
            found.setdefault(name, set()).add(str(path.relative_to(ROOT)))
    return found


@pytest.mark.parametrize("name", FORBIDDEN)
def test_no_source_calls(used, name):
    assert used.get(name, set()) == set(), FORBIDDEN[name]


def test_control_the_scan_finds_calls(used):
    assert "trackdnn/training/run.py" in used["load_weights"]
    assert "export/verify.py" in used["loads"]


def options_of(name):
    """Values of an option, wherever a source gives it to a call."""
    for path in SOURCES:
        for node in nodes_of(path):
            if isinstance(node, ast.keyword) and node.arg == name:
                yield path.name, ast.unparse(node.value)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("allow_pickle", {"False"}),
        ("safe_mode", set()),
        ("custom_objects", set()),
        ("shell", set()),
        ("save_as_external_data", {"False"}),
        ("load_external_data", {"False"}),
    ],
)
def test_options_have_no_other_value(name, allowed):
    assert {value for _, value in options_of(name)} <= allowed


def test_files_of_arrays_are_loaded_without_pickle():
    loads = [
        (path.name, node)
        for path in SOURCES
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "np.load"
    ]

    for name, node in loads:
        options = {one.arg: ast.unparse(one.value) for one in node.keywords}
        assert options.get("allow_pickle") == "False", name
    assert len(loads) >= 3


class Forbidden(BaseException):
    """Not caught by anything that expects errors."""


@pytest.fixture
def closed_doors(monkeypatch):
    """Keras' loaders, pickle and the network of the machine raise."""
    import socket

    import keras

    def refuse(*arguments, **_):
        raise Forbidden(str(arguments)[:200])

    for place, name in (
        (keras.models, "load_model"),
        (keras.saving, "load_model"),
        (keras.saving, "deserialize_keras_object"),
        (keras.utils, "get_file"),
        (socket.socket, "connect"),
    ):
        monkeypatch.setattr(place, name, refuse)


def test_the_way_of_a_network_opens_no_closed_door(
    run, ntuple_factory, tmp_path, closed_doors
):
    """`export`, `verify`, `inspect` and `infer` of a run, with loaders that raise."""
    source = ntuple_factory(events=3)
    bundle, scores = tmp_path / "out", tmp_path / "scores.parquet"

    for words in (
        ["inspect", run],
        ["export", run, "--to", bundle, "--quiet"],
        ["verify", bundle],
        ["inspect", bundle],
        ["inspect", bundle / "model.onnx"],
        ["infer", bundle, source, "-o", scores, "--quiet"],
    ):
        assert main([str(word) for word in words]) == 0, words
    assert scores.is_file()
