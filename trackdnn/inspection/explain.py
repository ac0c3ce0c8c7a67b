"""Looks at a path, tells what it is, and explains it.

TensorFlow is imported for frozen graphs and SavedModels only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from export.manifest import MANIFEST as BUNDLE_MANIFEST
from trackdnn.errors import BadFileError, nearest
from trackdnn.training.run import MANIFEST as RUN_MANIFEST

if TYPE_CHECKING:
    from trackdnn.inspection.behaviour import Data
    from trackdnn.inspection.explanation import Explanation

_KNOWN = "a run, a bundle, a SavedModel, a .root, a .onnx or a .pb file"


def explain(path: str | Path, data: Sequence[str | Path] = ()) -> Explanation:
    """What a run, a bundle, a ROOT file or a graph of any format is.

    Args:
        path: What to look at.
        data: ROOT files whose tracks a graph is asked about, in place of generated
            ones.

    Returns:
        Lines and tables for people and values for programs.

    Raises:
        BadFileError: If there is nothing at `path`, nothing that is known, or `data`
            for something that is no graph.
        BundleError: If a bundle is damaged.
        RunError: If a run is damaged.
    """
    path = Path(path)
    if not path.exists():
        known = [item.name for item in path.parent.glob("*")]
        raise BadFileError(
            f"A path to inspect must exist. Received: {path}."
            f"{nearest(path.name, known)}"
        )
    found = _explain_graph(path, data) or (
        _explain_folder(path) if path.is_dir() else _explain_file(path)
    )
    if data and found.responses is None:
        raise BadFileError(
            f"`--data` must come with a graph that can be asked. Received: {path}, a "
            f"{found.kind}. Name a .onnx or .pb file, or a SavedModel"
        )
    return found


def needs_tensorflow(path: Path) -> bool:
    """Whether a path is explained with TensorFlow: a frozen graph or a SavedModel."""
    return _is_frozen_graph(path) or _is_saved_model(path)


def _is_frozen_graph(path: Path) -> bool:
    return path.suffix == ".pb" and path.is_file()


def _is_saved_model(path: Path) -> bool:
    return path.is_dir() and any(path.glob("saved_model.*pb*"))


def _explain_graph(path: Path, data: Sequence[str | Path]) -> Explanation | None:
    """A graph, or `None` if the path is something else."""
    if path.suffix == ".onnx" and path.is_file():
        from trackdnn.inspection.onnx_file import explain_onnx

        return explain_onnx(path, _data(data))
    if _is_saved_model(path):
        from trackdnn.inspection.saved_model_folder import explain_saved_model

        return explain_saved_model(path, _data(data))
    if _is_frozen_graph(path):
        from trackdnn.inspection.graph_file import explain_graph

        return explain_graph(path, _data(data))
    return None


def _explain_folder(path: Path) -> Explanation:
    from trackdnn.data.prepared.manifest import is_prepared
    from trackdnn.inspection.folders import explain_bundle, explain_run

    if is_prepared(path):
        raise BadFileError(
            f"A path to inspect must be {_KNOWN}. Received: the prepared dataset "
            f"{path}. Look at it with `describe`."
        )
    if (path / RUN_MANIFEST).exists():
        return explain_run(path)
    if (path / BUNDLE_MANIFEST).exists():
        return explain_bundle(path)
    raise BadFileError(
        f"A path to inspect must be {_KNOWN}. Received: the folder {path} without "
        f"{RUN_MANIFEST}, {BUNDLE_MANIFEST} or saved_model.pb"
    )


def _explain_file(path: Path) -> Explanation:
    if path.suffix == ".root":
        from trackdnn.inspection.root_file import explain_root

        return explain_root(path)
    raise BadFileError(f"A path to inspect must be {_KNOWN}. Received: {path}")


def _data(files: Sequence[str | Path]) -> Data | None:
    """The tracks of some files, in memory."""
    if not files:
        return None
    from trackdnn.data.reader import read_tracks
    from trackdnn.inspection.behaviour import Data
    from trackdnn.settings import DataSettings, Sample

    sample = Sample(files=tuple(map(str, files)))
    tracks, _ = read_tracks([sample], DataSettings(), need_label=False)
    return Data(tracks=tracks, name=", ".join(map(str, files)))
