"""One network in one runtime, in a process of its own, for the inference benchmark.

    python -m benchmarks.serving KIND PATH TRACKS.npz

reads lines `BATCH SECONDS` and answers each with the tracks it scored and the time it
took. With `memory` after these it prints what the session takes, and ends. One thread;
the tracks are raw, and each call gets other ones, as a copy in buffers of its own.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Serve = Callable[[Floats, Floats], Any]

BATCH, CALLS, THREADS = 16, 50, 4
WARM = 0.3
_STATUS = Path("/proc/self/status")


def tensorflow_session(path: Path) -> Serve:
    """A frozen graph in a session, as CMSSW serves it, called from Python."""
    import tensorflow as tf

    from export.safety import read_graph

    definition = tf.compat.v1.GraphDef.FromString(read_graph(path))
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
    session = tf.compat.v1.Session(graph=graph)
    # The cheapest way from Python: names are looked up once.
    run: Serve = session.make_callable("Identity:0", ["x:0", "y:0"])
    return run


def saved_model(path: Path) -> Serve:
    """The signature of a SavedModel."""
    from export.saved_model import SavedModelSignature
    from export.signature import Names

    return SavedModelSignature(path, Names())


def onnx(path: Path) -> Serve:
    """ONNX Runtime with one thread and all optimisations of the graph."""
    from export.onnx_graph import OnnxSession
    from export.signature import Names

    return OnnxSession(path, Names())


def keras_predict(path: Path) -> Serve:
    """`Model.predict` of a run's network."""
    model = _keras_model(path)
    return lambda x, y: model.predict([x, y], batch_size=len(x), verbose=0)


def keras_batch(path: Path) -> Serve:
    """`Model.predict_on_batch`, without the loop around it."""
    model = _keras_model(path)
    return lambda x, y: model.predict_on_batch([x, y])


def _keras_model(path: Path) -> Any:
    from trackdnn.training.run import load_run

    return load_run(path).model


KINDS: Mapping[str, Callable[[Path], Serve]] = {
    "session": tensorflow_session,
    "saved_model": saved_model,
    "onnx": onnx,
    "keras_predict": keras_predict,
    "keras_batch": keras_batch,
}
_TENSORFLOW = ("session", "saved_model", "keras_predict", "keras_batch")


def main(arguments: list[str]) -> int:
    """Serve until the input ends."""
    kind, path, tracks, *rest = arguments
    _start(kind)
    before = resident()
    run = KINDS[kind](Path(path))
    with np.load(tracks, allow_pickle=False) as content:
        features, category = content["features"], content["category"]
    if rest == ["memory"]:
        _say(_memory(run, features, category, before))
        return 0
    work(run, features, category, BATCH, WARM)
    _say({"ready": True})
    for line in sys.stdin:
        batch, seconds = line.split()
        _say(work(run, features, category, int(batch), float(seconds)))
    return 0


def work(
    run: Serve, features: Floats, category: Floats, batch: int, seconds: float
) -> dict[str, float]:
    """Score batch after batch for some time.

    Returns:
        `samples` and `seconds`.
    """
    batches = _batches(features, category, batch)
    run(*next(batches))
    calls, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        run(*next(batches))
        calls += 1
    return {"samples": calls * batch, "seconds": time.perf_counter() - start}


def _batches(
    features: Floats, category: Floats, batch: int
) -> Iterator[tuple[Floats, Floats]]:
    """One batch after the other, in the same two buffers, round and round."""
    x = np.empty((batch, features.shape[1]), np.float32)
    y = np.empty((batch, 1), np.float32)
    low = 0
    while True:
        if low + batch > len(features):
            low = 0
        x[:], y[:] = features[low : low + batch], category[low : low + batch]
        low += batch
        yield x, y


def _memory(
    run: Serve, features: Floats, category: Floats, before: float | None
) -> dict[str, float | None]:
    """Resident MiB of the session, and of each further thread that uses it."""

    def calls() -> None:
        batches = _batches(features, category, BATCH)
        for _ in range(CALLS):
            run(*next(batches))

    calls()
    one = resident()
    threads = [threading.Thread(target=calls) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    many = resident()
    if before is None or one is None or many is None:
        return {"library": None, "session": None, "per_thread": None}
    each = (many - one) / (THREADS - 1)
    return {"library": before, "session": one - before, "per_thread": each}


def resident() -> float | None:
    """Resident memory of this process in MiB; `None` where the system does not tell."""
    if not _STATUS.exists():
        return None
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    found = next(line for line in lines if line.startswith("VmRSS:"))
    return int(found.split()[1]) / 1024


def _start(kind: str) -> None:
    """The library, on one thread, before the memory is looked at."""
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    if kind in _TENSORFLOW:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    else:
        import onnxruntime  # noqa: F401  imported for what it takes


def _say(content: Mapping[str, Any]) -> None:
    print(json.dumps(content), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
