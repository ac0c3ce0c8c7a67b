"""Arrays of others: no pickle, and no more of them than there are bytes."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest


class Trap:
    """Unpickled, it would leave the marker."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def pickled(marker):
    stream = io.BytesIO()
    np.save(stream, np.array([Trap(marker)], dtype=object), allow_pickle=True)
    return stream.getvalue()


def header_of(shape, kind="<f4"):
    stream = io.BytesIO()
    entries = {"descr": kind, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, entries)
    return stream.getvalue()


@pytest.fixture
def refused_probe(bundle, reseal, refused):
    """A function that exchanges a member of `probe.npz` and gives the refusal."""

    def run(content, name="features.npy"):
        with zipfile.ZipFile(bundle / "probe.npz") as archive:
            members = {one: archive.read(one) for one in archive.namelist()}
        with zipfile.ZipFile(bundle / "probe.npz", "w") as archive:
            for one, old in members.items():
                archive.writestr(one, content if one == name else old)
        reseal(bundle)
        line = refused("verify", bundle, "--runtime", "onnxruntime")
        assert line.startswith("error: probe: ")
        return line

    return run


def test_control_the_pickle_does_what_it_says(tmp_path, monkeypatch):
    import pickle

    monkeypatch.undo()
    stream = io.BytesIO(pickled(tmp_path / "written"))
    np.load(stream, allow_pickle=True)

    assert (tmp_path / "written").exists()
    assert pickle.loads.__module__ == "_pickle"


def test_pickled_npz(refused_probe, marker):
    assert "Object arrays cannot be loaded" in refused_probe(pickled(marker))


def test_pickle_in_place_of_an_array(refused_probe, marker):
    import pickle

    refused_probe(pickle.dumps(Trap(marker)))


def test_pickled_npy_of_a_checkpoint(tmp_path, marker):
    from trackdnn.errors import RunError
    from trackdnn.training.checkpoints.reading import read_checkpoint

    folder = checkpoint(tmp_path, pickled(marker))

    with pytest.raises(RunError, match="Object arrays cannot be loaded"):
        read_checkpoint(folder)


def test_array_of_a_checkpoint_that_promises_more(tmp_path):
    from trackdnn.errors import RunError
    from trackdnn.training.checkpoints.reading import read_checkpoint

    folder = checkpoint(tmp_path, header_of((1 << 46,)))

    with pytest.raises(RunError, match=r"arrays\.npz: "):
        read_checkpoint(folder)


def test_compressed_array_of_a_checkpoint(tmp_path):
    from trackdnn.errors import RunError
    from trackdnn.training.checkpoints.reading import read_checkpoint

    content = header_of((1000,)) + bytes(4000)
    folder = checkpoint(tmp_path, content, zipfile.ZIP_DEFLATED)

    with pytest.raises(RunError, match="'a' is compressed"):
        read_checkpoint(folder)


def checkpoint(tmp_path, content, compression=zipfile.ZIP_STORED):
    """A checkpoint of one array, with that in its place; all checksums are right."""
    import hashlib

    from trackdnn.training.checkpoints.state import State
    from trackdnn.training.checkpoints.store import CheckpointStore

    facts = {"stage": 0, "epoch": 1, "step": 2}
    state = State({"a": np.zeros(3, np.float32)}, facts)
    folder = CheckpointStore(tmp_path / "checkpoints").save(state, name="one")
    manifest = json.loads((folder / "manifest.json").read_text())
    old = manifest["files"]["arrays.npz"]
    with zipfile.ZipFile(folder / "arrays.npz", "w", compression) as archive:
        archive.writestr("a.npy", content)
    raw = (folder / "arrays.npz").read_bytes()
    new = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    rewrite_manifest(folder, {"files": manifest["files"] | {"arrays.npz": new}})
    assert old != new
    return folder


def rewrite_manifest(folder, changes):
    from trackdnn.training.checkpoints import manifest

    content = manifest.read_manifest(folder).model_dump(mode="json") | changes
    changed = manifest.Manifest.model_validate(content)
    (folder / "manifest.json").write_bytes(manifest.manifest_to_json(changed))


def test_zip_bomb_by_its_directory(bundle, reseal, refused):
    path = bundle / "probe.npz"
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, place + 24, 0xFFFFFFF0)
    path.write_bytes(content)
    reseal(bundle)

    line = refused("verify", bundle, "--runtime", "onnxruntime")

    assert "bytes, more than 1,073,741,824" in line


@pytest.mark.parametrize("shape", [(1 << 46,), (1 << 40, 29), (1 << 62, 1 << 62)])
def test_array_that_promises_more_than_there_is(refused_probe, shape):
    assert "must hold the arrays" in refused_probe(header_of(shape))


def test_names_that_leave_the_folder_are_not_unpacked(bundle, reseal, tmp_path, marker):
    from trackdnn.cli import main

    with zipfile.ZipFile(bundle / "probe.npz", "a") as archive:
        archive.writestr("../marker", "x")
    reseal(bundle)

    main(["verify", str(bundle), "--runtime", "onnxruntime"])
