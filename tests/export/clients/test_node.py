from __future__ import annotations

import pytest

from export.clients import node
from export.errors import MissingToolError


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """A function that puts a program on an otherwise empty path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}")
    monkeypatch.delenv("NODE_PATH", raising=False)
    monkeypatch.chdir(tmp_path)

    def add(name, script="exit 0"):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return add


def install(modules):
    (modules / node.PACKAGE).mkdir(parents=True)
    (modules / node.PACKAGE / "package.json").write_text("{}")
    return modules


@pytest.mark.usefixtures("tools")
def test_node_is_missed(tmp_path):
    with pytest.raises(MissingToolError, match=r"Node.js must be installed"):
        node.find_modules(tmp_path)


def test_package_is_not_fetched_unasked(tools, tmp_path):
    tools("node")
    tools("npm", "touch called")

    with pytest.raises(MissingToolError, match=r"`--fetch`, gets it from npm"):
        node.find_modules(tmp_path / "cache")

    assert not (tmp_path / "called").exists()


@pytest.mark.parametrize(
    "place", ["named", "node_modules", f"{node.PACKAGE}-{node.VERSION}/node_modules"]
)
def test_package_is_found_where_it_is(tools, tmp_path, monkeypatch, place):
    tools("node")
    modules = install(tmp_path / place)
    monkeypatch.setenv("NODE_PATH", str(tmp_path / "named"))

    assert node.find_modules(tmp_path) == modules


def test_package_is_fetched_when_asked(tools, tmp_path):
    tools("node")
    make = f'/bin/mkdir -p "$7/node_modules/{node.PACKAGE}"'
    tools("npm", f'{make}; echo "$*" > "$7/node_modules/{node.PACKAGE}/package.json"')

    modules = node.find_modules(tmp_path / "cache", fetch=True)

    said = (modules / node.PACKAGE / "package.json").read_text()
    assert said.startswith("install --ignore-scripts")
    assert said.endswith(f"{node.PACKAGE}@{node.VERSION}\n")
    assert node.find_modules(tmp_path / "cache") == modules
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [
        f"{node.PACKAGE}-{node.VERSION}"
    ]


def test_npm_is_missed(tools, tmp_path):
    tools("node")

    with pytest.raises(MissingToolError, match="npm must be installed to get"):
        node.find_modules(tmp_path, fetch=True)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'npm error no such host' >&2; exit 1", "Received: npm error no such"),
        ("exit 3", "Received: exit code 3"),
        ("exec /bin/sleep 60", "Received: no answer in"),
    ],
)
def test_npm_that_fails_is_named(tools, tmp_path, monkeypatch, script, message):
    tools("node")
    tools("npm", script)
    monkeypatch.setattr(node, "SECONDS", 0.5)

    with pytest.raises(MissingToolError, match=message):
        node.find_modules(tmp_path / "cache", fetch=True)

    assert list((tmp_path / "cache").iterdir()) == []
