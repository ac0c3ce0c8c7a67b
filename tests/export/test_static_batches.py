"""Fixed batch sizes: shapes, scores under XLA, and what a bundle holds of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from export import manifest, safety, signature, static_batches, verify
from export.errors import BundleError, ConversionError, TargetError, UnsafeGraphError
from export.exporter import ModelExporter

NAMES = signature.Names("tracks", "algo", "p")
SIZES = (16, 1, 3)


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("static") / "m"
    static_batches.write_static_batches(model, path, NAMES, SIZES)
    return path


def flat(concrete):
    """The graph of a function with all that it calls inside it."""
    from tensorflow.python.framework import convert_to_constants

    return convert_to_constants.convert_variables_to_constants_v2(concrete).graph


def test_each_size_has_one_signature_of_its_shape(folder):
    import tensorflow as tf

    signatures = tf.saved_model.load(str(folder)).signatures

    assert set(signatures) == {f"serving_default_bs{size}" for size in SIZES}
    for size in SIZES:
        one = signatures[f"serving_default_bs{size}"]
        inputs = one.structured_input_signature[1]
        assert {k: tuple(v.shape) for k, v in inputs.items()} == {
            "tracks": (size, 29),
            "algo": (size, 1),
        }
        assert tuple(one.structured_outputs["p"].shape) == (size, 1)


def test_no_tensor_has_a_free_axis_and_no_weight_is_a_variable(folder):
    import tensorflow as tf

    signatures = tf.saved_model.load(str(folder)).signatures

    for one in signatures.values():
        graph = flat(one)
        operations = {operation.type for operation in graph.get_operations()}
        assert static_batches.dynamic_tensors(graph) == []
        assert static_batches.dynamic_tensors(one.graph) == []
        assert "MatMul" in operations
        assert not operations & {"VarHandleOp", "ReadVariableOp"}
        assert not any("PartitionedCall" in name for name in operations)


def test_shapes_in_the_file_are_fixed(folder):
    from tensorflow.core.protobuf import saved_model_pb2

    content = (folder / "saved_model.pb").read_bytes()
    graph = saved_model_pb2.SavedModel.FromString(content).meta_graphs[0].graph_def
    saving = ("save", "restore")
    nodes = [
        *(n for n in graph.node if "saver" not in n.name),
        *(
            node
            for function in graph.library.function
            if not any(word in function.signature.name for word in saving)
            for node in function.node_def
        ),
    ]
    shapes = [
        shape
        for node in nodes
        for key in ("shape", "_output_shapes")
        for shape in (node.attr[key].shape, *node.attr[key].list.shape)
        if key in node.attr
    ]

    assert len(shapes) > 100
    assert not any(shape.unknown_rank for shape in shapes)
    assert all(axis.size >= 0 for shape in shapes for axis in shape.dim)


def test_dynamic_tensors_finds_free_axes(model):
    free = signature.score_function(model, NAMES).get_concrete_function()

    assert "tracks:0 (None, 29)" in static_batches.dynamic_tensors(free.graph)


def test_a_network_whose_shapes_depend_on_values_is_refused(spec, tmp_path):
    import keras
    import tensorflow as tf

    class Positive(keras.layers.Layer):
        def call(self, x):
            found = tf.cast(tf.where(x > 0), tf.float32)
            return tf.sigmoid(x[:, :1] + tf.reduce_sum(found))

        def compute_output_shape(self, shape):
            return (shape[0], 1)

    features = keras.Input((spec.width,), name="features")
    category = keras.Input((1,), name="category")
    both = keras.layers.Concatenate()([features, category])
    network = keras.Model([features, category], Positive()(both))

    with pytest.raises(ConversionError, match=r"fixed shape once .* \(None, 2\) for b"):
        static_batches.write_static_batches(network, tmp_path / "m", NAMES, [4])


@pytest.mark.parametrize("size", SIZES)
def test_compiled_scores_are_those_of_keras(model, tracks, folder, size):
    runtime = static_batches.StaticSignature(folder, NAMES, size)
    expected = signature.evaluate(model, *tracks)

    for rows in (0, 1, size, size + 1, 100):
        scores = runtime(tracks[0][:rows], tracks[1][:rows])
        assert scores.shape == (rows, 1)
        np.testing.assert_allclose(scores, expected[:rows], rtol=0, atol=1e-6)


def test_rows_without_tracks_change_nothing(tracks, folder):
    runtime = static_batches.StaticSignature(folder, NAMES, 16, compiled=False)

    alone = runtime(tracks[0][:5], tracks[1][:5])
    beside = runtime(tracks[0][:16], tracks[1][:16])[:5]

    np.testing.assert_array_equal(alone, beside)


@pytest.mark.parametrize(
    "sizes", [(0,), (-1, 16), (16, 16), (4097,), tuple(range(1, 18))]
)
def test_sizes_are_few_different_and_small(model, sizes, tmp_path):
    message = "Static batch sizes must be at most 16 different numbers from 1 to 4096"

    assert static_batches.fault_of(sizes) == message
    with pytest.raises(ConversionError, match=rf"{message}\. Received: \["):
        static_batches.write_static_batches(model, tmp_path / "m", NAMES, sizes)


def test_sizes_within_the_limits_have_no_fault():
    assert static_batches.fault_of(()) is None
    assert static_batches.fault_of((1, 16, 4096)) is None


def test_configuration_is_what_the_compiler_of_cmssw_reads(static_bundle):
    from ruamel.yaml import YAML

    path = static_bundle.folder / manifest.AOT_CONFIG
    content = YAML(typ="safe").load(path.read_text())

    assert content["model"]["name"].isidentifier()
    assert content["model"]["serving_key"] == "serving_default"
    assert (path.parent / content["model"]["saved_model"]).samefile(
        static_bundle.saved_model
    )
    assert content["compilation"]["batch_sizes"] == [1, 16]
    assert content["model"]["version"] == static_bundle.manifest["created"][
        :19
    ].replace("-", "").replace(":", "")


def test_exporter_proves_and_lists_each_size(static_bundle):
    content = static_bundle.manifest
    artifacts = content["parity"]["artifacts"]

    assert static_bundle.static_batches == (1, 16)
    assert content["outputs"]["saved_model_bs16"] == "score"
    for name in ("saved_model_bs1", "saved_model_bs16"):
        assert artifacts[name]["rows"] > 2000
        assert artifacts[name]["max_difference"] <= 1e-6
        assert artifacts[name]["sample"]["rows"] == 1000
    assert "saved_model_static/saved_model.pb" in content["files"]
    assert manifest.AOT_CONFIG in content["files"]
    assert "saved_model_bs16" in (static_bundle.folder / "model_card.md").read_text()


def test_dynamic_signature_stays_as_it_was(static_bundle):
    import tensorflow as tf

    signatures = tf.saved_model.load(str(static_bundle.saved_model)).signatures
    inputs = signatures["serving_default"].structured_input_signature[1]

    assert list(signatures) == ["serving_default"]
    assert inputs["x"].shape.as_list() == [None, 29]


def test_bundle_without_fixed_sizes_is_as_before(bundle):
    assert bundle.static_batches == ()
    assert "static_batches" not in bundle.manifest
    assert not bundle.static_saved_model.exists()
    assert not (bundle.folder / manifest.AOT_CONFIG).exists()


def test_graph_rules_are_applied(static_bundle, folder, monkeypatch):
    assert "saved_model_static" in safety.check_bundle(static_bundle.folder)
    monkeypatch.setattr(safety.graph_rules, "MAX_NODES", 5)

    with pytest.raises(UnsafeGraphError, match=r"at most 5 nodes"):
        static_batches.StaticSignature(folder, NAMES, 16)


def test_fresh_process_replays_every_size(static_bundle):
    script = Path(verify.__file__)
    command = [sys.executable, str(script), str(static_bundle.folder)]
    done = subprocess.run(
        [*command, "--runtime", "tensorflow"], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout
    for size in (1, 16):
        assert f"ok      replay of saved_model_bs{size}: max" in done.stdout


@pytest.mark.parametrize("sizes", [3, ["16"], [0], [True]])
def test_verify_refuses_a_manifest_with_odd_sizes(static_bundle, tmp_path, sizes):
    content = static_bundle.manifest | {"static_batches": sizes}
    content["digest"] = verify.digest(content)
    (tmp_path / manifest.MANIFEST).write_text(verify.canonical(content))

    with pytest.raises(verify.RefusedError, match=r"as 'static_batches'\. Received: "):
        verify.read_manifest(tmp_path)


def test_verify_refuses_a_manifest_without_the_files_of_its_sizes(static_bundle):
    name = "saved_model_static/saved_model.pb"
    files = {k: v for k, v in static_bundle.manifest["files"].items() if k != name}

    with pytest.raises(verify.RefusedError, match=f"must list '{name}', and does not"):
        verify.check_files(
            static_bundle.folder, static_bundle.manifest | {"files": files}
        )


def test_file_beside_the_fixed_sizes_is_refused(static_bundle, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(static_bundle.folder, copy)
    (copy / "saved_model_static" / "saved_model.cpb").write_bytes(b"")

    with pytest.raises(BundleError, match=r"must not hold 'saved_model_static/saved"):
        manifest.read_bundle(copy)


def test_target_without_tensorflow_refuses_fixed_sizes(model, spec, tmp_path, options):
    wanted = options(target="acts", static_batches=(16,))

    with pytest.raises(
        TargetError, match=r"`export\.static_batches` must be empty for acts, where"
    ):
        ModelExporter(wanted).export(model, spec, tmp_path / "bundle")
