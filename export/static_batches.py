"""SavedModel whose batch sizes are fixed: what XLA compiles ahead of time.

One signature per batch size, `serving_default_bs16` for 16 tracks, and no other; that
is what `saved_model_cli aot_compile_cpu` is given, and what CMSSW's `cms_tfaot_compile`
makes on its way there. No tensor of the graphs has an axis of free length.

Source: cms_tfaot and cmsml (scripts/compile_tf_graph.py), the tools behind
PhysicsTools/TensorFlowAOT of cms-sw/cmssw.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from export.errors import ConversionError
from export.frozen_graph import OUTPUT, freeze
from export.manifest import AOT_CONFIG, SAVED_MODEL, STATIC_SAVED_MODEL
from export.safety import check_saved_model
from export.signature import Names, input_signature

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MAX_SIZE = 4096
# Each is a copy of the whole network in the compiled code.
MAX_SIZES = 16
_MOST_CALLS = 1_000

_CONFIG = """\
# For cms_tfaot_compile of CMSSW (--aot-config). It takes the SavedModel of any batch
# size and fixes the sizes itself; saved_model_static is for saved_model_cli.
model:
  name: trackdnn
  version: "{version}"
  saved_model: ./{saved_model}
  serving_key: serving_default
  description: probability that a track is true
compilation:
  batch_sizes: [{sizes}]
"""


def fault_of(sizes: Sequence[int]) -> str | None:
    """What is wrong with batch sizes, as a sentence without its dot."""
    small = all(0 < size <= MAX_SIZE for size in sizes)
    if small and len(set(sizes)) == len(sizes) <= MAX_SIZES:
        return None
    return (
        f"Static batch sizes must be at most {MAX_SIZES} different numbers from 1 to "
        f"{MAX_SIZE}"
    )


def signature_of(size: int) -> str:
    """Name of the signature for batches of `size` rows."""
    return f"serving_default_bs{size}"


def artifact_of(size: int) -> str:
    """What the manifest calls that signature."""
    return f"saved_model_bs{size}"


def write(
    model: Any, folder: Path, names: Names, sizes: Sequence[int], created: str
) -> None:
    """Write SavedModel and configuration into a bundle that has a SavedModel already.

    Args:
        model: Functional `keras.Model` with inputs `features` and `category`.
        folder: The bundle.
        names: Names of the inputs and of the output.
        sizes: Rows per batch.
        created: Date and time, ISO 8601, of which the version in the configuration is
            made.
    """
    write_static_batches(model, folder / STATIC_SAVED_MODEL, names, sizes)
    version = re.sub(r"[^0-9T]", "", created[:19])
    write_config(folder / AOT_CONFIG, sizes, saved_model=SAVED_MODEL, version=version)


def reload(
    folder: Path, names: Names, sizes: Sequence[int]
) -> dict[str, StaticSignature]:
    """Every signature of a bundle, by the name that the manifest gives it."""
    path = folder / STATIC_SAVED_MODEL
    return {artifact_of(n): StaticSignature(path, names, n) for n in sorted(sizes)}


def write_static_batches(
    model: Any, folder: Path, names: Names, sizes: Sequence[int]
) -> None:
    """Write `model` to `folder` with one signature per batch size.

    Args:
        model: Functional `keras.Model` with inputs `features` and `category`.
        folder: A folder that does not exist yet.
        names: Names of the inputs and of the output.
        sizes: Rows per batch.

    Raises:
        ConversionError: If sizes are not as `fault_of` says, or a tensor of the graph
            has an axis of free length.
    """
    import tensorflow as tf

    if fault := fault_of(sizes):
        raise ConversionError(f"{fault}. Received: {list(sizes)}")
    signatures = {
        signature_of(size): traced(model, names, size) for size in sorted(sizes)
    }
    tf.saved_model.save(tf.Module(), str(folder), signatures=signatures)


def traced(model: Any, names: Names, size: int) -> Any:
    """The score of batches of `size` rows as a concrete function without variables.

    Raises:
        ConversionError: If a tensor has an axis of free length.
    """
    import tensorflow as tf

    # Constants and no variables: the compiler puts the weights into its code anyway.
    graph = freeze(model, names, batch=size)

    def score(features: Any, category: Any) -> Any:
        (result,) = tf.graph_util.import_graph_def(
            graph,
            input_map={names.features: features, names.category: category},
            return_elements=[f"{OUTPUT}:0"],
            name="",
        )
        return {names.score: result}

    signature = input_signature(model, names, size)
    concrete = tf.function(
        score, input_signature=signature, autograph=False
    ).get_concrete_function()
    if free := dynamic_tensors(concrete.graph):
        raise ConversionError(
            "Every tensor of a network must have a fixed shape once its batch size is "
            f"fixed, so that XLA can compile it. Received: {', '.join(free[:3])} for "
            f"batches of {size}. Leave `export.static_batches` empty for this network"
        )
    return concrete


def dynamic_tensors(graph: Any) -> list[str]:
    """Name and shape of each tensor of a `tf.Graph` with an axis of free length."""
    return [
        f"{tensor.name} {tensor.shape}"
        for operation in graph.get_operations()
        for tensor in operation.outputs
        if not tensor.shape.is_fully_defined()
    ]


def write_config(
    path: Path, sizes: Sequence[int], *, saved_model: str, version: str
) -> None:
    """Write the file that CMSSW's `cms_tfaot_compile` reads.

    Args:
        path: Where to.
        sizes: Rows per batch.
        saved_model: The SavedModel of any batch size, relative to the file.
        version: What the tool is to call this network, beside its name.
    """
    listed = ", ".join(str(size) for size in sorted(sizes))
    text = _CONFIG.format(version=version, saved_model=saved_model, sizes=listed)
    path.write_text(text, encoding="utf-8")


class StaticSignature:
    """One signature, reloaded, compiled by XLA, and called as often as rows ask for.

    The rows of the last batch that are not needed hold NaN.

    Args:
        folder: The SavedModel.
        names: Names of the inputs and of the output.
        size: Rows per batch.
        compiled: Whether XLA compiles it, as it would ahead of time.

    Raises:
        UnsafeGraphError: If it holds what no network needs (`export.safety`).
    """

    def __init__(
        self, folder: Path, names: Names, size: int, *, compiled: bool = True
    ) -> None:
        import tensorflow as tf

        check_saved_model(folder)
        # The signature dies with the object that holds its variables.
        self._loaded = tf.saved_model.load(str(folder))
        signature = self._loaded.signatures[signature_of(size)]

        def score(features: Any, category: Any) -> Any:
            feed = {names.features: features, names.category: category}
            return signature(**feed)[names.score]

        self._score = tf.function(score, jit_compile=True) if compiled else score
        self.size = size

    @property
    def most_rows(self) -> int:
        """More rows than this take long, a call per batch."""
        return _MOST_CALLS * self.size

    def __call__(
        self, features: NDArray[np.float32], category: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        import tensorflow as tf

        rows, size = len(features), self.size
        extra = ((0, -rows % size), (0, 0))
        features = np.pad(features, extra, constant_values=np.nan)
        category = np.pad(category, extra, constant_values=np.nan)
        parts = [
            self._score(
                tf.constant(features[low : low + size]),
                tf.constant(category[low : low + size]),
            ).numpy()
            for low in range(0, rows, size)
        ]
        return np.concatenate([np.empty((0, 1), np.float32), *parts])[:rows]
