"""Weights of a run: plain arrays in the file itself, or one line that refuses them."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

DATASET = "layers/dense/vars/0"
GROUP = "layers/dense/vars"


@pytest.fixture
def with_weights(run, reseal_run):
    """A function that changes the weights of a run, hashes included."""

    def write(change):
        with h5py.File(run / "model.weights.h5", "r+") as file:
            change(file)
        reseal_run(run)
        return run

    return write


@pytest.fixture
def like(run):
    """Shape and type of the dataset that is exchanged."""
    with h5py.File(run / "model.weights.h5", "r") as file:
        return {"shape": file[DATASET].shape, "dtype": file[DATASET].dtype}


def exchanged(name, **options):
    def change(file):
        del file[name]
        file.create_dataset(name, **options)

    return change


def linked(name, link):
    def change(file):
        del file[name]
        file[name] = link

    return change


def refuses(refused, run, what):
    for command in (["export", run], ["evaluate", run, "none.root"]):
        line = refused(*command)
        assert "model.weights.h5 must hold plain arrays of numbers" in line
        assert what in line


def test_untouched_weights_pass(with_weights):
    from trackdnn.training.run import load_run

    assert load_run(with_weights(lambda _: None)).model.count_params() > 0


def test_cve_2026_0897_shape_bomb(with_weights, refused):
    shape = (1 << 20, 1 << 20)
    bomb = exchanged(DATASET, shape=shape, dtype="f4", chunks=(1024, 1024))

    refuses(refused, with_weights(bomb), "of which 0 bytes are stored")


def test_cve_2026_0897_bomb_where_nobody_looks(with_weights, refused):
    def add(file):
        file.create_dataset("layers/further/vars/0", shape=(1 << 40,), dtype="f4")

    refuses(refused, with_weights(add), "'/layers/further/vars/0', of shape (1099511")


def test_compressed_zeros_are_refused(with_weights, refused):
    zeros = np.zeros((1000, 1000), np.float32)
    bomb = exchanged(DATASET, data=zeros, compression="gzip")

    refuses(refused, with_weights(bomb), "bytes are stored")


def test_numbers_in_another_file_are_refused(with_weights, refused, tmp_path, like):
    np.zeros(like["shape"], like["dtype"]).tofile(tmp_path / "secret")
    there = [(str(tmp_path / "secret"), 0, h5py.h5f.UNLIMITED)]

    changed = with_weights(exchanged(DATASET, **like, external=there))

    refuses(refused, changed, "whose numbers lie in another file")


@pytest.mark.parametrize("name", [DATASET, GROUP])
def test_links_to_another_file_are_refused(with_weights, refused, tmp_path, name):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["here"] = 1.0

    changed = with_weights(linked(name, h5py.ExternalLink(tmp_path / "secret.h5", "/")))

    refuses(refused, changed, f"'/{name}', a link (ExternalLink)")


def test_virtual_datasets_are_refused(with_weights, refused, tmp_path, like):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file.create_dataset("w", **like)
    layout = h5py.VirtualLayout(**like)
    layout[:] = h5py.VirtualSource(tmp_path / "secret.h5", "w", shape=like["shape"])

    def change(file):
        del file[DATASET]
        file.create_virtual_dataset(DATASET, layout)

    refuses(refused, with_weights(change), "lie in another file")


def test_texts_are_refused(with_weights, refused):
    texts = exchanged(DATASET, shape=(2,), dtype=h5py.string_dtype())

    refuses(refused, with_weights(texts), "which holds no numbers (object)")


def test_circles_are_refused(with_weights, refused, monkeypatch):
    from trackdnn.training import weights

    monkeypatch.setattr(weights, "_MAX_OBJECTS", 500)

    def change(file):
        file["layers/dense/again"] = file["layers"]

    refuses(refused, with_weights(change), "more than 500 objects")


def test_whole_models_are_no_weights(run, reseal_run, refused, marker):
    with h5py.File(run / "model.weights.h5", "w") as file:
        file.attrs["model_config"] = '{"class_name": "Lambda"}'
        file.create_group("model_weights")
    reseal_run(run)

    assert "model.weights.h5 must fit the network" in refused("export", run)


def test_other_files_are_no_weights(run, reseal_run, refused):
    (run / "model.weights.h5").write_bytes(b"\x80\x04K\x01.")
    reseal_run(run)

    assert "model.weights.h5 must be readable as HDF5" in refused("export", run)
