from __future__ import annotations

import pytest

from export import artifacts
from export.artifacts import Tensor
from export.errors import BundleError


def test_artifacts_of_a_bundle_tell_inputs_and_outputs(bundle):
    frozen, saved, onnx = artifacts.read_artifacts(bundle.folder)

    inputs = (Tensor("x", "float32", (-1, 29)), Tensor("y", "float32", (-1, 1)))
    score = Tensor("score", "float32", (-1, 1))
    assert frozen.inputs == saved.inputs == onnx.inputs == inputs
    assert [tensor.name for tensor in frozen.outputs] == ["Identity"]
    assert frozen.outputs[0].dtype == "float32"
    assert saved.outputs == onnx.outputs == (score,)


def test_artifacts_of_a_bundle_tell_versions(bundle):
    frozen, _, onnx = artifacts.read_artifacts(bundle.folder)

    assert frozen.min_consumer == 0
    assert dict(onnx.opsets) == {"ai.onnx": 13}
    assert onnx.ir_version == 7
    assert not onnx.external


def onnx_file(path, **changes):
    """Adds a weight of its own to an input, the whole of an ONNX file."""
    import onnx

    make, kinds = onnx.helper, onnx.TensorProto
    shape = changes.get("shape", ["batch", 3])
    values = [
        make.make_tensor_value_info(name, kinds.FLOAT16, shape) for name in ("x", "z")
    ]
    weight = make.make_tensor("w", kinds.FLOAT16, [1], [1.0])
    given = make.make_tensor_value_info("w", kinds.FLOAT16, [1])
    if changes.get("external"):
        weight.data_location = kinds.EXTERNAL
        weight.external_data.add(key="location", value="../../elsewhere")
    node = make.make_node("Add", ["x", "w"], ["z"])
    graph = make.make_graph([node], "g", [values[0], given], [values[1]], [weight])
    path.write_bytes(make.make_model(graph).SerializeToString())
    return path


def test_onnx_weights_are_no_inputs(tmp_path):
    found = artifacts.read_onnx(onnx_file(tmp_path / "a.onnx"))

    assert found.inputs == (Tensor("x", "float16", (-1, 3)),)


def test_onnx_without_a_shape_is_read(tmp_path):
    found = artifacts.read_onnx(onnx_file(tmp_path / "a.onnx", shape=None))

    assert found.inputs[0].shape is None


def test_onnx_types_that_nobody_knows_are_told(tmp_path):
    import onnx

    proto = onnx.load(onnx_file(tmp_path / "a.onnx"))
    proto.graph.input[0].type.tensor_type.elem_type = 99
    proto.graph.output[0].type.sequence_type.SetInParent()
    (tmp_path / "a.onnx").write_bytes(proto.SerializeToString())

    found = artifacts.read_onnx(tmp_path / "a.onnx")

    assert found.inputs[0].dtype == "type 99"
    assert found.outputs == (Tensor("z", "sequence_type", None),)


def test_onnx_weights_in_other_files_are_seen_and_not_opened(tmp_path):
    assert artifacts.read_onnx(onnx_file(tmp_path / "a.onnx", external=True)).external


@pytest.mark.parametrize(
    ("read", "kind"),
    [("read_onnx", "an ONNX file"), ("read_frozen_graph", "a frozen graph")],
)
def test_what_is_no_artifact_is_refused(tmp_path, read, kind):
    path = tmp_path / "file"
    path.write_bytes(b"\xff\xff\xff")

    with pytest.raises(BundleError, match=f"must be {kind}. Received: "):
        getattr(artifacts, read)(path)


def test_what_is_no_saved_model_is_refused(tmp_path):
    with pytest.raises(BundleError, match=r"must be a SavedModel. Received: .*No such"):
        artifacts.read_saved_model(tmp_path)


def test_saved_model_without_the_signature_is_refused(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"")

    with pytest.raises(BundleError, match=r"tagged 'serve' .* 'serving_default'"):
        artifacts.read_saved_model(tmp_path)
