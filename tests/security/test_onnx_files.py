"""ONNX files reach nothing outside themselves, and bring nothing of their own."""

from __future__ import annotations

import json
import os

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

ROWS = 4
SECRET = np.arange(29, dtype=np.float32)


def model(weights, *nodes, domain=""):
    """The score is the sum of weighted inputs."""
    value = helper.make_tensor_value_info
    ends = [
        value("x", TensorProto.FLOAT, ["batch", 29]),
        value("y", TensorProto.FLOAT, ["batch", 1]),
    ]
    last = [
        helper.make_node("Mul", ["x", "w"], ["m"], domain=domain),
        helper.make_node("ReduceMean", ["m"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("Add", ["mean", "y"], ["score"]),
    ]
    out = [value("score", TensorProto.FLOAT, ["batch", 1])]
    graph = helper.make_graph([*nodes, *last], "g", ends, out, weights)
    opsets = [helper.make_opsetid("", 13)]
    if domain:
        opsets.append(helper.make_opsetid(domain, 1))
    return helper.make_model(graph, opset_imports=opsets, ir_version=7)


def outside(**entries):
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[29])
    tensor.data_location = TensorProto.EXTERNAL
    for key, text in entries.items():
        tensor.external_data.add(key=key, value=text)
    return tensor


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.bin"
    path.write_bytes(SECRET.tobytes())
    return path


@pytest.fixture
def inside(bundle):
    """The folder in which a hostile file may have placed what it likes."""
    return bundle


@pytest.fixture
def refused_onnx(bundle, reseal, refused, tmp_path):
    """A function that gives a model to each command that runs one, also in a bundle.

    `targets` parses it and runs nothing.
    """

    def run(proto, what):
        path = bundle / "model.onnx"
        path.write_bytes(proto.SerializeToString())
        reseal(bundle)
        doors = [
            ["inspect", path],
            ["verify", bundle, "--runtime", "onnxruntime"],
            ["infer", bundle, "none.root", "-o", tmp_path / "scores.root"],
        ]
        for words in doors:
            assert what in refused(*words)
        assert not (tmp_path / "scores.root").exists()

    return run


def refuse_outside(refused_onnx, location):
    proto = model([outside(location=location)])

    refused_onnx(proto, "must hold its weights itself. Received: 'w' in another file")


def test_control_onnx_itself_reads_another_file(tmp_path):
    (tmp_path / "beside.bin").write_bytes(SECRET.tobytes())
    onnx.save(model([outside(location="beside.bin")]), tmp_path / "m.onnx")

    tensor = onnx.load(tmp_path / "m.onnx").graph.initializer[0]

    np.testing.assert_array_equal(numpy_helper.to_array(tensor), SECRET)


def test_cve_2022_25882_path_above_the_folder(secret, refused_onnx):
    refuse_outside(refused_onnx, f"../{secret.name}")


def test_cve_2022_25882_absolute_path(secret, refused_onnx):
    refuse_outside(refused_onnx, str(secret))


def test_cve_2024_27318_path_that_seems_to_stay(secret, inside, refused_onnx):
    (inside / "sub").mkdir()

    refuse_outside(refused_onnx, f"sub/../../{secret.name}")


def test_ghsa_cmw6_hcpp_c6jp_link(secret, inside, refused_onnx):
    (inside / "saved_model" / "w.bin").symlink_to(secret)
    proto = model([outside(location="saved_model/w.bin")])
    (inside / "model.onnx").write_bytes(proto.SerializeToString())
    (inside / "saved_model" / "w.bin").unlink()

    refuse_outside(refused_onnx, "saved_model/w.bin")


def test_cve_2026_27489_link_of_a_folder_above(secret, tmp_path, refused):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "up").symlink_to(tmp_path)
    onnx.save(model([outside(location=f"up/{secret.name}")]), folder / "m.onnx")

    line = refused("inspect", folder / "m.onnx")

    assert f"'up/{secret.name}', which is not opened" in line


def test_ghsa_cmw6_hcpp_c6jp_hard_link(secret, tmp_path, refused):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    os.link(secret, folder / "w.bin")
    onnx.save(model([outside(location="w.bin")]), folder / "m.onnx")

    assert "'w.bin', which is not opened" in refused("inspect", folder / "m.onnx")


def test_cve_2026_34445_attributes_of_external_data(refused_onnx):
    hostile = {"location": "w", "length": "9" * 30, "__class__": "x", "basepath": "/"}

    refused_onnx(model([outside(**hostile)]), "must hold its weights itself")


def test_cve_2026_34445_many_attributes(refused_onnx):
    entries = {f"name{i}": "x" * 1000 for i in range(1000)}

    refused_onnx(model([outside(**entries)]), "must hold its weights itself")


@pytest.mark.parametrize("location", ["*/_ORT_MEM_ADDR_/*", "*/_ORT_IN_MEMORY_/*"])
def test_ort_28709_and_29011_addresses_in_memory(refused_onnx, location):
    tensor = outside(location=location, offset="140000000000000", length="116")

    refused_onnx(model([tensor]), "must hold its weights itself")


def test_external_data_in_a_constant_is_refused(refused_onnx):
    hidden = helper.make_node("Constant", [], ["w"], value=outside(location="x"))

    refused_onnx(model([], hidden), "must hold its weights itself")


def test_external_data_without_a_location_are_refused(refused_onnx):
    refused_onnx(model([outside()]), "must hold its weights itself")


def test_location_without_the_flag_is_refused(refused_onnx):
    tensor = numpy_helper.from_array(SECRET, "w")
    tensor.external_data.add(key="location", value="x")

    refused_onnx(model([tensor]), "must hold its weights itself")


@pytest.mark.parametrize(
    "domain", ["com.stranger", "com.microsoft", "ai.onnx.training"]
)
def test_operators_of_others_are_refused(refused_onnx, domain):
    weights = numpy_helper.from_array(SECRET, "w")

    refused_onnx(model([weights], domain=domain), "must")


@pytest.mark.parametrize("operator", ["SVMClassifier", "TreeEnsembleRegressor"])
def test_ort_27699_and_27950_operators_with_tables_of_their_own(refused_onnx, operator):
    weights = numpy_helper.from_array(SECRET, "w")
    node = helper.make_node(operator, ["x"], ["l"], domain="ai.onnx.ml")
    proto = model([weights], node)
    proto.opset_import.append(helper.make_opsetid("ai.onnx.ml", 1))

    refused_onnx(proto, "must use operators of ONNX alone")


def test_functions_of_the_file_are_refused(refused_onnx):
    weights = numpy_helper.from_array(SECRET, "w")
    proto = model([weights])
    opsets = [helper.make_opsetid("", 13)]
    body = [helper.make_node("Abs", ["a"], ["b"])]
    proto.functions.append(helper.make_function("f", "Own", ["a"], ["b"], body, opsets))

    refused_onnx(proto, "must not define functions of its own")


def test_tensor_that_promises_more_than_it_holds_is_refused(refused_onnx):
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1 << 20, 1 << 20])

    refused_onnx(model([tensor]), "must have tensors of at most")


@pytest.mark.parametrize(
    "content", [b"\x0a\xff\xff\xff\xff\x7f", b"\x08" * 100, b""], ids=len
)
def test_ort_4585_and_23258_damaged_files(bundle, reseal, refused, content):
    (bundle / "model.onnx").write_bytes(content)
    reseal(bundle)

    assert "model.onnx" in refused("inspect", bundle / "model.onnx")
    refused("verify", bundle, "--runtime", "onnxruntime")


def test_cve_2025_51480_what_we_write_is_one_file(tmp_path):
    from export.onnx_graph import write_onnx

    (tmp_path / "out").mkdir()

    write_onnx(
        model([numpy_helper.from_array(SECRET, "w")]), tmp_path / "out" / "m.onnx"
    )

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["m.onnx"]
    proto = onnx.load(tmp_path / "out" / "m.onnx", load_external_data=False)
    assert not proto.graph.initializer[0].external_data


def test_the_manifest_of_the_bundle_is_whole(bundle, refused_onnx):
    """What the doors refuse is the graph, not the way these tests seal a bundle."""
    from trackdnn.cli import main

    assert main(["verify", str(bundle), "--runtime", "onnxruntime"]) == 0
    assert json.loads((bundle / "manifest.json").read_text())["schema_version"] == 1
