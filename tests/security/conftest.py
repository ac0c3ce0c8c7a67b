"""Payloads do no harm: each would leave a marker, which must not be there then."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from pathlib import Path

import pytest

from export import verify
from trackdnn.cli import app, main

OLD = Path(__file__).parents[1] / "data" / "bundle_v1"


def commands():
    """Names of the commands there are."""
    groups = [group.typer_instance for group in app.registered_groups]
    return {
        command.name or command.callback.__name__
        for group in groups
        for command in group.registered_commands
    }


@pytest.fixture
def marker(tmp_path):
    """What a payload would write; it must not be there when the test ends."""
    path = tmp_path / "marker"
    yield path
    assert not path.exists()


@pytest.fixture(autouse=True)
def nothing_is_unpickled(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("something was unpickled")

    class Unpickler:
        __init__ = refuse

    monkeypatch.setattr(pickle, "Unpickler", Unpickler)
    for name in ("load", "loads"):
        monkeypatch.setattr(pickle, name, refuse)


@pytest.fixture
def refused(capsys):
    """A function that gives the one line with which a command refuses its input."""

    def run(*words):
        capsys.readouterr()
        code = main([str(word) for word in words])
        said = capsys.readouterr().err.splitlines()
        assert code == 2, said
        assert [line[:7] for line in said] == ["error: "]
        return said[0]

    return run


@pytest.fixture
def refused_everywhere(refused, tmp_path):
    """A function that gives a file to every command that could load one."""

    def run(path):
        scores = tmp_path / "scores.root"
        doors = {
            "inspect": [path],
            "verify": [path],
            "infer": [path, "none.root", "-o", scores],
            "targets": [path],
            "export": [path],
            "evaluate": [path],
            "train": ["--config", path],
            "convert": [path, "--to", "onnx"],
        }
        for command in doors.keys() & commands():
            refused(command, *doors[command])
        # Under the name of something that is loaded.
        for ending in (".onnx", ".pb", ".root"):
            other = path.with_name(f"renamed{ending}")
            shutil.copy(path, other)
            refused("inspect", other)

    return run


@pytest.fixture
def bundle(tmp_path):
    """A copy of a bundle, to be tampered with."""
    folder = tmp_path / "bundle"
    shutil.copytree(OLD, folder)
    return folder


@pytest.fixture
def reseal():
    """A function that makes hashes and digest of a bundle right again."""

    def run(folder, **changes):
        path = folder / "manifest.json"
        content = json.loads(path.read_text()) | changes
        for name, entry in content["files"].items():
            file = folder / name
            if file.is_file() and isinstance(entry, dict):
                entry |= {"bytes": file.stat().st_size, "sha256": verify.sha256(file)}
        content["digest"] = verify.digest(content)
        path.write_text(json.dumps(content))

    return run


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A run of a small network, and the network."""
    from export.manifest import read_bundle
    from network.builder import ModelBuilder
    from trackdnn.settings import ModelSettings, Settings
    from trackdnn.training.run import save_run

    settings = Settings(seed=3, model=ModelSettings(options={"width": 8, "blocks": 1}))
    spec = read_bundle(OLD).spec
    return save_run(
        tmp_path_factory.mktemp("runs") / "run",
        settings=settings,
        spec=spec,
        model=ModelBuilder(settings.model).build(spec),
        history=(),
        summary={"val_auc": 0.5},
    )


@pytest.fixture
def run(trained, tmp_path):
    """A copy of the run's folder, to be tampered with."""
    folder = tmp_path / "run"
    shutil.copytree(trained.folder, folder)
    return folder


@pytest.fixture
def reseal_run():
    """A function that makes the hashes of a run right again."""

    def run(folder):
        path = folder / "run.json"
        content = json.loads(path.read_text())
        for name in content["sha256"]:
            digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
            content["sha256"][name] = digest
        path.write_text(json.dumps(content))

    return run
