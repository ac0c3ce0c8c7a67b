from __future__ import annotations

from types import SimpleNamespace

import pytest

from export.clients import runtimes
from export.errors import MissingToolError


@pytest.fixture
def package(monkeypatch, tmp_path):
    """The folder in which every package is found."""
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(runtimes.importlib.util, "find_spec", lambda name: spec)
    monkeypatch.delenv(runtimes.ONNX_INCLUDE, raising=False)
    monkeypatch.delenv(runtimes.ONNX_LIBRARY, raising=False)
    return tmp_path


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_tensorflow_of_the_wheel_is_found():
    runtime = runtimes.find_tensorflow()

    assert (runtime.include / "tensorflow" / "c" / "c_api.h").is_file()
    assert [path.name for path in runtime.libraries] == [
        *("libtensorflow_cc.so.2", "libtensorflow_framework.so.2"),
    ]


def test_tensorflow_without_its_library_is_missed(package):
    touch(package / "libtensorflow_cc.so.2")

    with pytest.raises(MissingToolError, match=r"without libtensorflow_framework.so.2"):
        runtimes.find_tensorflow()


def test_package_that_is_not_installed_is_missed(monkeypatch):
    monkeypatch.setattr(runtimes.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(MissingToolError, match="tensorflow must be installed, and is"):
        runtimes.find_tensorflow()


def test_onnxruntime_takes_headers_from_the_named_folder(package, monkeypatch):
    touch(package / "include" / runtimes.ONNX_HEADER)
    library = touch(package / "capi" / "libonnxruntime.so.1.31.1")
    monkeypatch.setenv(runtimes.ONNX_INCLUDE, str(package / "include"))

    runtime = runtimes.find_onnxruntime()

    assert runtime.include == package / "include"
    assert runtime.libraries == (library,)
    assert runtime.links == {"libonnxruntime.so.1": library}


def test_onnxruntime_takes_headers_from_a_usual_place(package, monkeypatch):
    touch(package / "usual" / runtimes.ONNX_HEADER)
    touch(package / "capi" / "libonnxruntime.so.1.31.1")
    monkeypatch.setattr(runtimes, "_USUAL", (package, package / "usual"))

    assert runtimes.find_onnxruntime().include == package / "usual"


@pytest.mark.usefixtures("package")
def test_onnxruntime_without_headers_is_missed(monkeypatch):
    monkeypatch.setattr(runtimes, "_USUAL", ())

    with pytest.raises(MissingToolError, match=r"headers must be installed; its wheel"):
        runtimes.find_onnxruntime()


def test_onnxruntime_says_when_the_named_folder_has_no_headers(package, monkeypatch):
    monkeypatch.setenv(runtimes.ONNX_INCLUDE, str(package))

    with pytest.raises(
        MissingToolError, match=r"must be a folder with onnxruntime_cxx"
    ):
        runtimes.find_onnxruntime()


def test_onnxruntime_takes_the_named_library(package, monkeypatch):
    touch(package / runtimes.ONNX_HEADER)
    library = touch(package / "own" / "libonnxruntime.so")
    monkeypatch.setenv(runtimes.ONNX_INCLUDE, str(package))
    monkeypatch.setenv(runtimes.ONNX_LIBRARY, str(library))

    assert runtimes.find_onnxruntime().libraries == (library,)

    library.unlink()
    with pytest.raises(MissingToolError, match=r"must be a file. Received: .*own"):
        runtimes.find_onnxruntime()


def test_onnxruntime_without_library_is_missed(package, monkeypatch):
    touch(package / runtimes.ONNX_HEADER)
    monkeypatch.setenv(runtimes.ONNX_INCLUDE, str(package))

    with pytest.raises(MissingToolError, match=r"must hold libonnxruntime.so"):
        runtimes.find_onnxruntime()
