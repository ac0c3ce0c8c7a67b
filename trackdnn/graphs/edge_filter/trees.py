"""Boosted trees as an ONNX graph, written here and run by ONNX Runtime.

scikit-learn fits the trees and can only pickle them. Its trees are tables of nodes, and
ONNX has an operator for such tables, `TreeEnsembleRegressor`: a row goes to the left if
its feature is at most the threshold; where it is NaN, the node says where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from trackdnn.errors import BadFileError
from trackdnn.graphs.onnx_session import open_session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Float = NDArray[np.float32]

INPUT, OUTPUT = "features", "score"
_OPSETS = (("", 13), ("ai.onnx.ml", 1))
_IR_VERSION = 7


class TreeSettings(Protocol):
    """What settings of boosted trees have in common."""

    @property
    def trees(self) -> int: ...
    @property
    def leaves(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...


def onnx_of(classifier: Any, features: Sequence[str], shift: float = 0.0) -> bytes:
    """A fitted `HistGradientBoostingClassifier` of two classes as ONNX.

    Args:
        classifier: Without categorical features.
        features: Their names, kept in the description of the graph.
        shift: Is added to all logits.

    Returns:
        A model with the input `features`, `(rows, features)`, and the output `score`,
        `(rows, 1)`, the probability of the second class; both float32.
    """
    from onnx import TensorProto, helper

    trees = [predictors[0].nodes for predictors in classifier._predictors]
    base = float(np.ravel(classifier._baseline_prediction)[0]) + shift
    nodes = [
        helper.make_node(
            "TreeEnsembleRegressor",
            [INPUT],
            ["logit"],
            domain="ai.onnx.ml",
            n_targets=1,
            base_values=[base],
            **_attributes(trees),
        ),
        helper.make_node("Sigmoid", ["logit"], [OUTPUT]),
    ]
    graph = helper.make_graph(
        nodes,
        "boosted_trees",
        [
            helper.make_tensor_value_info(
                INPUT, TensorProto.FLOAT, [None, len(features)]
            )
        ],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [None, 1])],
        doc_string=",".join(features),
    )
    opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
    content: bytes = model.SerializeToString()
    return content


def fit_trees(
    settings: TreeSettings,
    features: Float,
    true: NDArray[np.bool_],
    *,
    seed: int,
    threads: int = 0,
) -> Any:
    """A `HistGradientBoostingClassifier` that tells true rows from false ones.

    Args:
        settings: Number and size of trees, learning rate.
        features: Of shape `(rows, features)`.
        true: Of shape `(rows,)`, of both kinds.
        seed: Of the binning.
        threads: Threads to use; 0 for one per core.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    trees = HistGradientBoostingClassifier(
        max_iter=settings.trees,
        max_leaf_nodes=settings.leaves,
        learning_rate=settings.learning_rate,
        early_stopping=False,
        random_state=seed,
    )
    with threadpool_limits(threads or None, user_api="openmp"):
        return trees.fit(features, true)


def load_trees(path: Path, features: int, what: str) -> Trees:
    """Reads the trees of a part of a finder.

    Args:
        path: Of the ONNX graph.
        features: Number of features that it must have.
        what: What it is of, as in a message.

    Raises:
        BadFileError: If the file is missing or is no such graph.
    """
    try:
        return trees_of(path.read_bytes(), features)
    except OSError as error:
        raise BadFileError(
            f"{what} must have the file '{path}'. Received: {error.strerror}. Train "
            "the finder again."
        ) from error
    except ValueError as error:
        raise BadFileError(
            f"'{path}' must hold boosted trees of {what.lower()}. Received: {error}. "
            "Train the finder again."
        ) from error


def trees_of(content: bytes, features: int) -> Trees:
    """Trees of so many features.

    Raises:
        ValueError: If the content is no graph of `onnx_of`, or of other features.
    """
    trees = Trees(content)
    if trees.features != features:
        raise ValueError(f"{trees.features} features in place of {features}")
    return trees


class Trees:
    """An ONNX graph of `onnx_of`, ready to run in any number of threads at a time.

    Each call runs in one thread: with several, the sums over trees, and so the last
    digits of the scores, would depend on their number.

    Args:
        content: The graph.

    Raises:
        ValueError: If it is no such graph.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._session = open_session(content, 1)
        inputs = {one.name: one.shape for one in self._session.get_inputs()}
        outputs = {one.name for one in self._session.get_outputs()}
        if set(inputs) != {INPUT} or OUTPUT not in outputs:
            raise ValueError(f"inputs {sorted(inputs)}, outputs {sorted(outputs)}")
        self.features = int(inputs[INPUT][1])

    def score(self, features: Float) -> Float:
        """Probability that each row is true, float32 of shape `(rows,)`."""
        if not len(features):
            return np.zeros(0, dtype=np.float32)
        found: Float = self._session.run([OUTPUT], {INPUT: features})[0]
        return found[:, 0]


def _attributes(trees: Sequence[NDArray[Any]]) -> dict[str, list[Any]]:
    """Attributes of the operator; nodes keep their places in their tree."""
    sizes = [len(nodes) for nodes in trees]
    tree = np.repeat(np.arange(len(trees)), sizes)
    place = np.concatenate([np.arange(size) for size in sizes])
    nodes = np.concatenate(trees)
    leaf = nodes["is_leaf"].astype(bool)
    modes = np.where(leaf, "LEAF", "BRANCH_LEQ").tolist()
    return {
        "nodes_treeids": tree.tolist(),
        "nodes_nodeids": place.tolist(),
        "nodes_featureids": np.where(leaf, 0, nodes["feature_idx"]).tolist(),
        "nodes_values": np.where(leaf, 0, _below(nodes["num_threshold"])).tolist(),
        "nodes_modes": modes,
        "nodes_truenodeids": np.where(leaf, 0, nodes["left"]).tolist(),
        "nodes_falsenodeids": np.where(leaf, 0, nodes["right"]).tolist(),
        "nodes_missing_value_tracks_true": nodes["missing_go_to_left"].tolist(),
        "target_treeids": tree[leaf].tolist(),
        "target_nodeids": place[leaf].tolist(),
        "target_ids": [0] * int(leaf.sum()),
        "target_weights": nodes["value"][leaf].astype(np.float32).tolist(),
    }


def _below(threshold: NDArray[np.float64]) -> Float:
    """Greatest float32 that is not above: float32 features go the same ways."""
    with np.errstate(over="ignore"):
        near = threshold.astype(np.float32)
    return np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near)
