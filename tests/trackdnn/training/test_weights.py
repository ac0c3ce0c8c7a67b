"""What may be in a file of weights; tests/security shows it from outside."""

from __future__ import annotations

import warnings

import h5py
import numpy as np
import pytest

from trackdnn.errors import RunError
from trackdnn.training.weights import check_weights


@pytest.fixture
def path(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["layers/a/vars/0"] = np.ones((3, 2), np.float32)
        file["layers/a/vars/1"] = np.int64(3)
        file["layers/b/vars/0"] = np.zeros((0, 4), np.float16)
        file["flag"] = np.array([True])
    return tmp_path / "w.h5"


def refusal(path, change):
    with h5py.File(path, "r+") as file:
        change(file)
    with pytest.raises(RunError, match=r"w\.h5 must hold plain arrays") as caught:
        check_weights(path)
    assert str(caught.value).endswith("It is not loaded")
    return str(caught.value)


def test_plain_arrays_pass(path):
    check_weights(path)


def test_what_keras_writes_passes(tmp_path):
    import keras

    layers = [keras.layers.Dense(3), keras.layers.BatchNormalization()]
    model = keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dropout(0.1)])
    with warnings.catch_warnings():
        # Keras' variables and NumPy 2's new argument.
        warnings.filterwarnings("ignore", message="__array__ implementation")
        model.save_weights(tmp_path / "w.weights.h5")

    check_weights(tmp_path / "w.weights.h5")


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"shape": (5,), "dtype": "f4"}, "shape (5,), of which 0 bytes"),
        ({"data": np.ones(5), "chunks": (5,)}, "shape (5,), of which 40 bytes"),
        ({"data": np.ones(5), "compression": "gzip"}, "bytes are stored"),
        ({"data": "text"}, "holds no numbers (object)"),
        ({"data": np.complex64(1)}, "holds no numbers (complex64)"),
        (
            {"data": np.array([(1,)], [("x", "f4")])},
            "holds no numbers ([('x', '<f4')])",
        ),
        ({"data": h5py.Empty("f4")}, "holds no numbers (float32)"),
    ],
    ids=str,
)
def test_other_datasets_are_refused(path, options, what):
    text = refusal(path, lambda file: file.create_dataset("odd", **options))

    assert "Received: '/odd', " in text
    assert what in text


@pytest.mark.parametrize("link", [h5py.SoftLink("/flag"), h5py.ExternalLink("o", "/")])
def test_links_are_refused(path, link):
    text = refusal(path, lambda file: file["layers"].__setitem__("l", link))

    assert f"'/layers/l', a link ({type(link).__name__})" in text


def test_what_is_not_hdf5_is_refused(tmp_path):
    (tmp_path / "w.h5").write_bytes(b"no")

    with pytest.raises(RunError, match="must be readable as HDF5"):
        check_weights(tmp_path / "w.h5")
