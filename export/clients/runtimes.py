"""Where the runtimes of the clients are: headers and libraries of installed wheels.

TensorFlow's wheel carries the headers and libraries of its C and C++ API. ONNX
Runtime's carries its library, and no headers: those come from one of its releases, from
the folder named by `TRACKDNN_ONNXRUNTIME_INCLUDE`, or from a usual place. No runtime is
imported.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path

from export.errors import MissingToolError

ONNX_INCLUDE = "TRACKDNN_ONNXRUNTIME_INCLUDE"
ONNX_LIBRARY = "TRACKDNN_ONNXRUNTIME_LIBRARY"
ONNX_HEADER = "onnxruntime_cxx_api.h"

_USUAL = tuple(
    Path(prefix) / below
    for prefix in ("/usr/include", "/usr/local/include")
    for below in ("", "onnxruntime", "onnxruntime/core/session")
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Runtime:
    """What a client is compiled with and linked to.

    Args:
        include: Folder of the headers.
        libraries: Libraries.
        links: Names under which a program asks for libraries whose files are called
            otherwise; they are linked beside the program.
    """

    include: Path
    libraries: tuple[Path, ...]
    links: Mapping[str, Path] = dataclasses.field(default_factory=dict)


def find_tensorflow() -> Runtime:
    """TensorFlow out of the installed wheel.

    Raises:
        MissingToolError: If it is not installed, or its wheel has no such libraries.
    """
    folder = _package("tensorflow")
    names = ("libtensorflow_cc.so.2", "libtensorflow_framework.so.2")
    libraries = tuple(folder / name for name in names)
    include = folder / "include"
    for needed in (*libraries, include / "tensorflow" / "c" / "c_api.h"):
        if not needed.is_file():
            raise MissingToolError(
                "TensorFlow must be installed with its C++ library. "
                f"Received: {folder} without {needed.name}"
            )
    return Runtime(include=include, libraries=libraries)


def find_onnxruntime() -> Runtime:
    """ONNX Runtime: the headers there are, and the library of the installed wheel.

    Raises:
        MissingToolError: If there are none, with what to do.
    """
    include, library = _onnx_include(), _onnx_library()
    # The wheel's file is libonnxruntime.so.1.31.1; programs ask for its SONAME.
    return Runtime(
        include=include,
        libraries=(library,),
        links={"libonnxruntime.so.1": library.resolve()},
    )


def _onnx_include() -> Path:
    named = os.environ.get(ONNX_INCLUDE)
    for folder in [Path(named)] if named else _USUAL:
        if (folder / ONNX_HEADER).is_file():
            return folder
    if named:
        raise MissingToolError(
            f"`{ONNX_INCLUDE}` must be a folder with {ONNX_HEADER}. Received: {named}"
        )
    raise MissingToolError(
        f"ONNX Runtime's C++ headers must be installed; its wheel has none. Set "
        f"{ONNX_INCLUDE} to the folder with {ONNX_HEADER}"
    )


def _onnx_library() -> Path:
    named = os.environ.get(ONNX_LIBRARY)
    if named:
        if not Path(named).is_file():
            raise MissingToolError(
                f"`{ONNX_LIBRARY}` must be a file. Received: {named}"
            )
        return Path(named)
    folder = _package("onnxruntime") / "capi"
    found = sorted(folder.glob("libonnxruntime.so.*"))
    if not found:
        raise MissingToolError(
            f"ONNX Runtime's wheel must hold libonnxruntime.so, and {folder} does not. "
            f"Set {ONNX_LIBRARY} to one"
        )
    return found[-1]


def _package(name: str) -> Path:
    """The folder of an installed package, which is not imported."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise MissingToolError(f"The package {name} must be installed, and is not")
    return Path(next(iter(spec.submodule_search_locations)))
