"""Sources of toy events, and small stores of them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError
from trackdnn.events.event import Event, without_truth
from trackdnn.events.store.prepare import prepare_events


@dataclasses.dataclass(frozen=True)
class ToySource:
    """A file of a few words that stands for a toy event."""

    path: Path

    @property
    def name(self):
        return self.path.stem

    @property
    def files(self):
        return (self.path,)

    def load(self):
        recipe = json.loads(self.path.read_text())
        if recipe.get("damaged"):
            raise BadFileError(f"File '{self.path}' must be good. Received: damaged")
        event = toy_event(
            recipe["particles"], noise=recipe["noise"], seed=recipe["seed"]
        )
        event = dataclasses.replace(event, name=self.name)
        if recipe.get("clusters"):
            rng = np.random.default_rng(recipe["seed"])
            shapes = rng.random((len(event), 9), dtype="f4")
            event = dataclasses.replace(event, clusters=shapes)
        return event if recipe.get("truth", True) else without_truth(event)


def write_toy(path, particles=10, noise=4, seed=1, **more):
    """Writes such a file; gives its source."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"particles": particles, "noise": noise, "seed": seed, **more}
    path.write_text(json.dumps(content))
    return ToySource(path)


@pytest.fixture
def toys(tmp_path):
    """Events of every kind: usual, with clusters, without truth, noise only, empty."""
    folder = tmp_path / "in"
    return [
        write_toy(folder / "event000000001.json", 30, 7),
        write_toy(folder / "event000000002.json", 20, 0, seed=2, clusters=True),
        write_toy(folder / "event000000003.json", 5, 0, seed=3, truth=False),
        write_toy(folder / "event000000004.json", 0, 5),
        write_toy(folder / "event000000005.json", 0, 0, clusters=True),
    ]


@pytest.fixture
def store(toys, tmp_path):
    """A store of them."""
    return prepare_events(toys, tmp_path / "store", workers=1, progress=False)


def contents(folder):
    """All files of a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def assert_same_event(found: Event, expected: Event):
    """Two events are the same, bit for bit and type for type."""
    assert found.name == expected.name
    for part in ("hits", "truth", "particles"):
        one, other = getattr(found, part), getattr(expected, part)
        assert (one is None) == (other is None)
        if other is None:
            continue
        for field in dataclasses.fields(other):
            array = getattr(other, field.name)
            np.testing.assert_array_equal(getattr(one, field.name), array)
            assert getattr(one, field.name).dtype == array.dtype, field.name
    assert (found.clusters is None) == (expected.clusters is None)
    if expected.clusters is not None:
        np.testing.assert_array_equal(found.clusters, expected.clusters)
