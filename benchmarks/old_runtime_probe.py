"""One artifact in the runtime of this Python: largest difference from the probe.

    OTHER/bin/python old_runtime_probe.py KIND ARTIFACT PROBE.npz X Y OUTPUT

Needs NumPy and one runtime, of whatever age, and nothing of this package.
Prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

BATCH = 16
ROWS_IN_BATCHES = 1024


def frozen_graph(path, names):
    """A function from features and category to scores, and the runtime's version."""
    import tensorflow as tf

    definition = tf.compat.v1.GraphDef.FromString(Path(path).read_bytes())
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(definition, name="")
    session = tf.compat.v1.Session(graph=graph)
    x, y, output = (f"{name}:0" for name in names)
    return lambda a, b: session.run(output, {x: a, y: b}), tf.__version__


def saved_model(path, names):
    """The same from a SavedModel."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    signature = loaded.signatures["serving_default"]
    x, y, output = names

    def run(a, b):
        # The variables live as long as what was loaded.
        assert loaded is not None
        return signature(**{x: tf.constant(a), y: tf.constant(b)})[output].numpy()

    return run, tf.__version__


def onnx(path, names):
    """The same from an ONNX file, on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
    x, y, output = names
    return lambda a, b: session.run([output], {x: a, y: b})[0], onnxruntime.__version__


KINDS = {"frozen_graph": frozen_graph, "saved_model": saved_model, "onnx": onnx}


def difference(run, features, category, score):
    """Largest difference from `score`: all rows at once, and in batches of 16."""
    scores = [run(features, category)]
    few = min(len(features), ROWS_IN_BATCHES)
    slices = [slice(low, low + BATCH) for low in range(0, few, BATCH)]
    parts = [run(features[rows], category[rows]) for rows in slices]
    scores.append(np.concatenate(parts))
    gaps = [np.abs(found - score[: len(found)]).max() for found in scores]
    # NaN is no agreement, and `max` of Python might hide it.
    return float(np.max(gaps))


def main(arguments):
    """Print what was found; an error ends the process."""
    kind, path, probe, *names = arguments
    with np.load(probe, allow_pickle=False) as content:
        arrays = [content[name] for name in ("features", "category", "score")]
    run, version = KINDS[kind](path, names)
    found = {"version": version, "rows": len(arrays[0])}
    found["difference"] = difference(run, *arrays)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
