"""Keras' own files are programs; no command loads one, whatever it is called."""

from __future__ import annotations

import base64
import io
import json
import marshal
import tarfile
import warnings
import zipfile

import h5py
import numpy as np
import pytest

FLOAT = {"dtype": "float32"}


def layer(class_name, config, module="keras.layers", registered=None):
    return {
        "module": module,
        "class_name": class_name,
        "config": {"name": "layer", "trainable": True, **FLOAT, **config},
        "registered_name": registered,
    }


def sequential(*layers):
    start = {
        "module": "keras.layers",
        "class_name": "InputLayer",
        "config": {"batch_shape": [None, 1], "name": "start", **FLOAT},
        "registered_name": None,
    }
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "model", "trainable": True, "layers": [start, *layers]},
        "registered_name": None,
        "build_config": {"input_shape": [None, 1]},
    }


def lambda_layer(marker):
    code = eval(f"lambda x: (open({str(marker)!r}, 'w').close(), x)[1]").__code__
    packed = base64.b64encode(marshal.dumps(code)).decode()
    function = {"code": packed, "defaults": None, "closure": None}
    config = {"function": {"class_name": "__lambda__", "config": function}}
    return layer("Lambda", {**config, "arguments": {}})


def write_keras(path, config, names=("model.weights.h5",)):
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file.create_group("layers")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        for name in names:
            archive.writestr(name, weights.getvalue())
    return path


def write_h5(path, config):
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.11.0"
        file.create_group("model_weights")
    return path


@pytest.fixture(autouse=True)
def keras_loads_nothing(request, monkeypatch):
    """Keras' own loader is not even asked."""
    if "control" in request.node.name:
        return
    import keras

    def refuse(*_, **__):
        raise AssertionError("Keras was asked to load a file")

    for place in (keras.models, keras.saving):
        monkeypatch.setattr(place, "load_model", refuse)
    monkeypatch.setattr(keras.saving, "deserialize_keras_object", refuse)


def test_control_the_payload_does_what_it_says(tmp_path):
    import keras

    mark = tmp_path / "written"
    path = write_keras(tmp_path / "lambda.keras", sequential(lambda_layer(mark)))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = keras.models.load_model(path, safe_mode=False)
        model(np.zeros((1, 1), np.float32))
    assert mark.exists()


def test_cve_2024_3660_lambda(tmp_path, marker, refused_everywhere):
    config = sequential(lambda_layer(marker))

    refused_everywhere(write_keras(tmp_path / "lambda.keras", config))


def test_cve_2025_9905_lambda_in_h5(tmp_path, marker, refused_everywhere):
    config = sequential(lambda_layer(marker))

    refused_everywhere(write_h5(tmp_path / "lambda.h5", config))


def test_tf_keras_pr_910_legacy_h5_of_keras_2(tmp_path, marker, refused_everywhere):
    old = {"class_name": "Lambda", "config": lambda_layer(marker)["config"]}
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": [old]}}

    refused_everywhere(write_h5(tmp_path / "legacy.h5", config))


def test_cve_2025_1550_config_imports_a_module(tmp_path, marker, refused_everywhere):
    call = {"module": "os", "class_name": "system", "config": f"touch {marker}"}
    hostile = layer("Activation", {"activation": {**call, "registered_name": "system"}})

    refused_everywhere(write_keras(tmp_path / "import.keras", sequential(hostile)))


def test_cve_2025_8747_gadget_of_keras_itself(tmp_path, marker, refused_everywhere):
    config = {"fname": str(marker), "origin": "http://localhost:9/x"}
    gadget = layer("get_file", config, module="keras.utils")

    refused_everywhere(write_keras(tmp_path / "gadget.keras", sequential(gadget)))


def test_cve_2025_9906_config_that_ends_safe_mode(tmp_path, marker, refused_everywhere):
    end = layer("enable_unsafe_deserialization", {}, module="keras.config")
    config = sequential(end, lambda_layer(marker))

    refused_everywhere(write_keras(tmp_path / "unsafe.keras", config))


def test_cve_2025_49655_torch_module_wrapper(tmp_path, marker, refused_everywhere):
    class Trap:
        def __reduce__(self):
            return (open, (str(marker), "w"))

    import pickle

    content = base64.b64encode(pickle.dumps(Trap())).decode()
    wrapper = layer("TorchModuleWrapper", {"module": content})

    refused_everywhere(write_keras(tmp_path / "torch.keras", sequential(wrapper)))


def test_cve_2025_12058_string_lookup_reads_a_file(tmp_path, refused_everywhere):
    (tmp_path / "secret").write_text("secret\n")
    config = {"vocabulary": str(tmp_path / "secret"), "num_oov_indices": 1}
    lookup = layer("StringLookup", config)

    refused_everywhere(write_keras(tmp_path / "lookup.keras", sequential(lookup)))


@pytest.mark.parametrize("number", ["cve_2025_12060", "cve_2025_12638"])
def test_cve_2025_12060_and_12638_tar_that_leaves_its_folder(
    number, tmp_path, marker, refused_everywhere
):
    path = tmp_path / "data" / f"{number}.tar"
    path.parent.mkdir()
    with tarfile.open(path, "w") as archive:
        if number == "cve_2025_12638":
            link = tarfile.TarInfo("out")
            link.type, link.linkname = tarfile.SYMTYPE, ".."
            archive.addfile(link)
        name = "out/marker" if number == "cve_2025_12638" else "../marker"
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())

    refused_everywhere(path)


def test_ghsa_hqp4_2352_xf5r_zip_that_leaves_its_folder(
    tmp_path, marker, refused_everywhere
):
    path = tmp_path / "data" / "traversal.keras"
    path.parent.mkdir()
    write_keras(path, sequential(), names=("model.weights.h5", "assets/../../marker"))

    refused_everywhere(path)


def test_cve_2026_1462_layer_of_an_outside_saved_model(tmp_path, refused_everywhere):
    outside = layer("TFSMLayer", {"filepath": str(tmp_path / "elsewhere")})

    refused_everywhere(write_keras(tmp_path / "tfsm.keras", sequential(outside)))


def test_cve_2026_12479_name_of_a_layer_that_leaves(
    tmp_path, marker, refused_everywhere
):
    path = tmp_path / "data" / "name.keras"
    path.parent.mkdir()
    hostile = layer("Dense", {"units": 1, "name": "a/../../marker"})

    refused_everywhere(write_keras(path, sequential(hostile)))


def test_cve_2026_12479_is_refused_by_keras_too(tmp_path):
    from keras.src.saving.saving_lib import DiskIOStore

    store = DiskIOStore("assets", mode="w")

    with pytest.raises(ValueError, match=r"\.\."):
        store.make("a/../../../escape")
    store.close()
