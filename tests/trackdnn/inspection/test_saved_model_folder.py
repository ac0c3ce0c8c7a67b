from __future__ import annotations

import shutil

import pytest

from trackdnn.errors import BadFileError
from trackdnn.inspection.saved_model_folder import explain_saved_model


def test_saved_model_is_explained(bundle):
    found = explain_saved_model(bundle.folder / "saved_model")

    text = "\n".join(found.lines)
    assert found.kind == "SavedModel"
    assert "inputs: x float32 [-1, 29], y float32 [-1, 1]; outputs: score" in text
    assert "layers: 34 -> 16 elu -> 1 sigmoid" in text
    assert "category: 4, 5, 7, 22 have codes of their own" in text
    assert "cmssw-14_0" in found.content["runtimes"]["fits"]
    assert found.content["functions"] > 0
    assert [len(grid.rows) for grid in found.grids] == [30, 29]


@pytest.fixture
def broken(bundle, tmp_path):
    folder = tmp_path / "broken"
    shutil.copytree(bundle.folder / "saved_model", folder)
    return folder


@pytest.mark.parametrize("content", [b"", b"no graph", b"\xff" * 60])
def test_saved_model_of_other_content_is_refused(broken, content):
    (broken / "saved_model.pb").write_bytes(content)

    with pytest.raises(BadFileError, match="broken"):
        explain_saved_model(broken)


def test_saved_model_without_its_weights_is_refused(broken):
    shutil.rmtree(broken / "variables")

    with pytest.raises(BadFileError, match=r"broken must load in TensorFlow"):
        explain_saved_model(broken)


def test_saved_model_that_touches_files_is_not_loaded(broken):
    from tensorflow.core.protobuf import saved_model_pb2

    path = broken / "saved_model.pb"
    proto = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    proto.meta_graphs[0].graph_def.node.add(name="r", op="ReadFile")
    path.write_bytes(proto.SerializeToString())

    with pytest.raises(BadFileError, match="must hold operations that compute"):
        explain_saved_model(broken)


def test_saved_model_with_a_constant_of_another_type_is_not_loaded(broken):
    from tensorflow.core.protobuf import saved_model_pb2

    path = broken / "saved_model.pb"
    proto = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    functions = proto.meta_graphs[0].graph_def.library.function
    nodes = (node for function in functions for node in function.node_def)
    next(n for n in nodes if n.op == "Const").attr["value"].tensor.dtype = 2
    path.write_bytes(proto.SerializeToString())

    with pytest.raises(BadFileError, match="must hold constants of"):
        explain_saved_model(broken)


def test_saved_model_without_signature_is_refused(tmp_path):
    import tensorflow as tf

    module = tf.Module()
    module.v = tf.Variable(1.0)
    tf.saved_model.save(module, str(tmp_path / "bare"))

    with pytest.raises(BadFileError, match=r"with the signature 'serving_default'"):
        explain_saved_model(tmp_path / "bare")


def test_saved_model_of_a_fixed_batch_is_asked(tmp_path):
    import tensorflow as tf

    module = tf.Module()
    signature = [tf.TensorSpec((16, 3), tf.float32, name="a")]
    module.call = tf.function(lambda a: {"out": tf.tanh(a)}, signature)
    tf.saved_model.save(module, str(tmp_path / "fixed"), signatures=module.call)

    found = explain_saved_model(tmp_path / "fixed")

    assert list(found.content["responses"]["inputs"]) == ["a[0]", "a[1]", "a[2]"]
