"""Explains the signature `serving_default` of a SavedModel. Imports TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from export.artifacts import SIGNATURE, TAG, read_saved_model
from export.errors import BundleError, UnsafeGraphError
from export.safety import check_saved_model
from trackdnn.errors import BadFileError
from trackdnn.inspection.graph_definition import Definition, check_constants
from trackdnn.inspection.graph_file import explain_definition

if TYPE_CHECKING:
    from pathlib import Path

    from trackdnn.inspection import behaviour
    from trackdnn.inspection.explanation import Explanation

GRAPH = "saved_model.pb"


def explain_saved_model(
    folder: Path, data: behaviour.Data | None = None
) -> Explanation:
    """Structure, runtimes, preprocessing and responses of a SavedModel.

    It is loaded, and its signature is frozen, to look at its weights and to ask it.

    Args:
        folder: The SavedModel.
        data: Tracks to ask about; generated ones by default.

    Raises:
        BadFileError: If it is none, holds what no network needs, or cannot be run.
    """
    try:
        check_saved_model(folder)
        artifact = read_saved_model(folder)
    except (UnsafeGraphError, BundleError) as error:
        raise BadFileError(str(error)) from error
    stored = _stored(folder)
    check_constants(folder, stored)
    definition = Definition(_frozen(folder))
    return explain_definition(folder, definition, artifact, stored, data)


def _frozen(folder: Path) -> Any:
    """The signature as a GraphDef with its weights as constants."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    try:
        # The signature dies with the object that holds its variables.
        loaded = tf.saved_model.load(str(folder))
        function = loaded.signatures[SIGNATURE]
        frozen = convert_variables_to_constants_v2(function, aggressive_inlining=True)
    except Exception as error:
        reason = (str(error).strip().splitlines() or ["no details"])[0]
        raise BadFileError(
            f"{folder} must load in TensorFlow. Received: {type(error).__name__}: "
            f"{reason[:160]}"
        ) from error
    return frozen.graph.as_graph_def()


def _stored(folder: Path) -> Any:
    """The GraphDef in the file, functions and all."""
    from tensorflow.core.protobuf import saved_model_pb2

    proto = saved_model_pb2.SavedModel.FromString((folder / GRAPH).read_bytes())
    return next(
        meta.graph_def for meta in proto.meta_graphs if TAG in meta.meta_info_def.tags
    )
