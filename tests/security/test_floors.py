"""The libraries are those in which known holes are closed."""

from __future__ import annotations

import configparser
import importlib.metadata
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
# Lowest version in which every hole of the tests beside this one is closed.
FLOORS = {"keras": "3.15", "onnx": "1.21"}


def requirements():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", "utf-8")
    lines = settings["options"]["install_requires"].split()
    return {one.name: one for one in map(Requirement, lines)}


@pytest.mark.parametrize("name", FLOORS)
def test_setup_asks_for_the_floor(name):
    floors = [
        Version(one.version)
        for one in requirements()[name].specifier
        if one.operator in (">=", "==", "~=")
    ]

    assert max(floors) >= Version(FLOORS[name])


@pytest.mark.parametrize("name", FLOORS)
def test_installed_version_keeps_the_floor(name):
    found = Version(importlib.metadata.version(name))

    assert found >= Version(FLOORS[name])
    assert requirements()[name].specifier.contains(found, prereleases=True)


@pytest.mark.parametrize("name", FLOORS)
def test_pinned_version_keeps_the_floor(name):
    pins = (ROOT / "constraints.txt").read_text()
    pinned = re.search(rf"^{name}==(\S+)$", pins, re.M)

    assert Version(pinned.group(1)) >= Version(FLOORS[name])


def test_what_serves_models_is_not_needed():
    """MLflow and Neural Compressor have holes of their own: nothing here asks them."""
    assert not {"mlflow", "neural-compressor", "tf-keras"} & set(requirements())
