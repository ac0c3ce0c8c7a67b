"""The C++ of a kit, compiled against stand-ins for CMSSW's wrappers, and run."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

STANDIN = Path(__file__).parent / "standin"
COMPILER = shutil.which("g++")

pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs g++")


def compile_test(file, program, *options, warnings=("-w",)):
    command = [COMPILER, "-std=c++17", *warnings, f"-I{STANDIN / 'include'}"]
    done = subprocess.run(
        [*command, str(file), "-o", str(program), *options],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return program


def run(program, area):
    environment = {
        **os.environ,
        "CMSSW_SEARCH_PATH": str(area / "src"),
        "SERVED_BY": f"{sys.executable} {STANDIN / 'serve_onnx.py'}",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    return subprocess.run([program], env=environment, capture_output=True, text=True)


def tensorflow_flags():
    spec = importlib.util.find_spec("tensorflow")
    folder = spec.submodule_search_locations[0]
    libraries = ("libtensorflow_cc.so.2", "libtensorflow_framework.so.2")
    return [
        "-D_GLIBCXX_USE_CXX11_ABI=1",
        f"-I{folder}/include",
        f"-L{folder}",
        # Sessions register themselves in a library that no symbol is asked of.
        "-Wl,--no-as-needed",
        *(f"-l:{name}" for name in libraries),
        f"-Wl,-rpath,{folder}",
    ]


@pytest.fixture(scope="module")
def on_tensorflow(kit, tmp_path_factory):
    file = kit / "src/TrackDnn/net1/test/test_tensorflow.cc"
    program = tmp_path_factory.mktemp("build") / "test_tensorflow"
    return compile_test(file, program, *tensorflow_flags())


@pytest.fixture(scope="module")
def on_onnxruntime(kit, tmp_path_factory):
    file = kit / "src/TrackDnn/net1/test/test_onnxruntime.cc"
    program = tmp_path_factory.mktemp("build") / "test_onnxruntime"
    strict = ("-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror")
    return compile_test(file, program, warnings=strict)


@pytest.fixture
def area(kit, tmp_path):
    """A kit that a test may spoil."""
    return shutil.copytree(kit, tmp_path / "area")


def data(area, name):
    return area / "src/RecoTracker/FinalTrackSelectors/data/TrackTfClassifier" / name


def check_line(done, runtime):
    assert done.returncode == 0, done.stderr
    words = f"ok: net1 in {runtime}, "
    assert done.stdout.startswith(words)
    assert " rows, 0 wrong, max |difference| " in done.stdout
    assert done.stdout.count("\n") == 1


def test_onnx_test_passes_for_its_network(on_onnxruntime, kit):
    check_line(run(on_onnxruntime, kit), "ONNX Runtime")


def test_probe_of_another_length_fails(on_onnxruntime, area):
    path = area / "src/TrackDnn/net1/data/probe.bin"
    whole = path.read_bytes()
    for content, words in (
        (whole[:-1], "has not the length that it tells"),
        (whole + b"\0", "has not the length that it tells"),
        (b"x" + whole[1:], "is no probe of net1"),
        (whole[:10], "is no probe of net1"),
        (whole[:12] + b"\x1e" + whole[13:], "is no probe of net1"),
        (whole[:8] + bytes(4) + whole[12:16], "is no probe of net1"),
    ):
        path.write_bytes(content)
        done = run(on_onnxruntime, area)
        assert done.returncode == 1
        assert words in done.stderr


def test_one_wrong_row_fails(on_onnxruntime, area):
    path = area / "src/TrackDnn/net1/data/probe.bin"
    content = bytearray(path.read_bytes())
    content[-4:] = b"\0\0\xc0\x7f"  # the last probability is not a number
    path.write_bytes(content)

    done = run(on_onnxruntime, area)

    assert done.returncode == 1
    assert done.stderr.startswith("failed: net1 in ONNX Runtime")
    assert " rows, 1 wrong, max |difference| inf" in done.stderr


def test_missing_file_fails(on_onnxruntime, area):
    data(area, "net1.onnx").unlink()

    done = run(on_onnxruntime, area)

    assert done.returncode == 1
    assert "failed: edm::FileInPath: no file" in done.stderr


def test_another_onnx_network_fails(on_onnxruntime, area):
    import numpy as np
    import onnx
    from onnx import numpy_helper

    path = data(area, "net1.onnx")
    proto = onnx.load(path)
    weights = max(proto.graph.initializer, key=lambda one: len(one.raw_data))
    changed = numpy_helper.to_array(weights) * np.float32(1.01)
    weights.CopyFrom(numpy_helper.from_array(changed, weights.name))
    path.write_bytes(proto.SerializeToString())

    done = run(on_onnxruntime, area)

    assert done.returncode == 1
    assert done.stderr.startswith("failed: net1 in ONNX Runtime")
    assert done.stdout == ""


@pytest.mark.slow
def test_tensorflow_test_passes_for_its_network(on_tensorflow, kit):
    check_line(run(on_tensorflow, kit), "TensorFlow")


@pytest.mark.slow
def test_another_graph_fails(on_tensorflow, area, make_model, spec):
    from export.frozen_graph import write_frozen_graph
    from export.signature import Names

    other = make_model(spec, activation="tanh")
    write_frozen_graph(other, data(area, "net1.pb"), Names())

    done = run(on_tensorflow, area)

    assert done.returncode == 1
    assert "failed: net1 in TensorFlow" in done.stderr
    assert done.stdout == ""


@pytest.mark.slow
def test_what_is_no_graph_fails(on_tensorflow, area):
    data(area, "net1.pb").write_bytes(b"no graph")

    done = run(on_tensorflow, area)

    assert done.returncode == 1
    assert "failed: " in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["stale rows", "wrong order"])
def test_a_caller_that_errs_is_found(kit, area, tmp_path, fault):
    """The comparison is of all rows, in their order: no test of nothing."""
    file = area / "src/TrackDnn/net1/test/test_tensorflow.cc"
    text = file.read_text()
    old, new = {
        "stale rows": ("first <= probe.rows; first", "first + 16 < probe.rows; first"),
        "wrong order": ("kit::width + column]", "kit::width + (column ^ 1)]"),
    }[fault]
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    program = compile_test(file, tmp_path / "wrong", *tensorflow_flags())

    done = run(program, kit)

    assert done.returncode == 1
    assert "failed: net1 in TensorFlow" in done.stderr
