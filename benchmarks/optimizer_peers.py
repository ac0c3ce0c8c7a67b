"""Do our own optimizers take the steps of their inventors' packages?

    python -m benchmarks.optimizer_peers

needs the extra `benchmark`. Takes fifty steps of linear regression with ours (float32)
and with the package (float64), and prints how far apart the weights end, and how far
they have gone. D-Adaptation and schedule-free AdamW follow their papers where the
packages do not; for these a recursion in float64 that differs in that one place is
compared with the package, to show that there is no other.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.evaluation.tables import Plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

STEPS, B1, B2, EPSILON = 50, 0.9, 0.999, 1e-8
# Name here -> module, class and options of the package.
PEERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "prodigy": ("prodigyopt", "Prodigy", {"lr": 1.0, "safeguard_warmup": True}),
    "dadapt_adam": ("dadaptation", "DAdaptAdam", {"lr": 1.0}),
    "schedule_free_adamw": ("schedulefree", "AdamWScheduleFree", {"lr": 0.01}),
}


class Problem:
    """Linear regression: targets of 64 points with 8 coordinates, 3 at a time."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.x = rng.normal(size=(64, 8))
        noise = 0.1 * rng.normal(size=(64, 3))
        self.y = self.x @ rng.normal(size=(8, 3)) + noise
        self.start = rng.normal(size=(8, 3))

    def gradient(self, weight: Numbers) -> Numbers:
        """That of the mean square."""
        found: Numbers = 2 * self.x.T @ (self.x @ weight - self.y) / self.y.size
        return found


def ours(name: str, rate: float, problem: Problem) -> Numbers:
    """The weights after the steps of our optimizer."""
    import keras
    import tensorflow as tf

    from trackdnn.settings import OptimizerSettings
    from trackdnn.training.optimization.make import make_optimizer

    # The packages' epsilon; ours is larger, for float32.
    options = {} if name == "prodigy" else {"epsilon": EPSILON}
    weight = keras.Variable(problem.start.astype("f4"), name="kernel")
    settings = OptimizerSettings(name=name, options=options, weight_decay=0.0)
    optimizer: Any = make_optimizer(settings)
    optimizer.build([weight])
    optimizer.set_rate(rate)
    for _ in range(STEPS):
        slope = problem.gradient(weight.numpy().astype("f8"))
        optimizer.apply([tf.constant(slope, tf.float32)], [weight])
    if hasattr(optimizer, "to_average"):
        optimizer.to_average([weight])
    return np.asarray(weight.numpy(), "f8")


def theirs(name: str, problem: Problem) -> Numbers:
    """The weights after the steps of the package."""
    import torch

    module, kind, options = PEERS[name]
    weight = torch.nn.Parameter(torch.tensor(problem.start))
    optimizer = getattr(importlib.import_module(module), kind)([weight], **options)
    if hasattr(optimizer, "train"):
        optimizer.train()
    for _ in range(STEPS):
        weight.grad = torch.tensor(problem.gradient(weight.detach().numpy()))
        optimizer.step()
    if hasattr(optimizer, "eval"):
        optimizer.eval()
    return np.asarray(weight.detach().numpy())


def d_adaptation(problem: Problem) -> Numbers:
    """D-Adaptation that divides by the root of the squares of the update before."""
    x, d, r, q = problem.start.copy(), 1e-6, 0.0, np.sqrt(B2)
    m = v = s = np.zeros_like(x)
    for _ in range(STEPS):
        g = problem.gradient(x)
        r = q * r + (1 - q) * d * np.sum(g * s / (np.sqrt(v) + EPSILON))
        m, v = B1 * m + (1 - B1) * d * g, B2 * v + (1 - B2) * g * g
        s = q * s + (1 - q) * d * g
        x = x - m / (np.sqrt(v) + EPSILON)
        d = max(d, r / ((1 - q) * np.abs(s).sum()))
    return x


def schedule_free(problem: Problem, rate: float = 0.01) -> Numbers:
    """Schedule-free AdamW whose average has weights without `sqrt(1 - b2^t)`."""
    x = y = z = problem.start
    v = np.zeros_like(x)
    for step in range(1, STEPS + 1):
        g = problem.gradient(y)
        v = B2 * v + (1 - B2) * g * g
        z = z - rate * g / (np.sqrt(v / (1 - B2**step)) + EPSILON)
        x = x + (z - x) / step
        y = (1 - B1) * z + B1 * x
    return x


OTHERWISE: dict[str, Callable[[Problem], Numbers]] = {
    "dadapt_adam": d_adaptation,
    "schedule_free_adamw": schedule_free,
}


def row(name: str, problem: Problem) -> tuple[str, ...]:
    """Name, way gone, difference of ours, difference of the other recursion."""
    peer, rate = theirs(name, problem), PEERS[name][2]["lr"]
    other = OTHERWISE.get(name)
    differences = [
        np.abs(ours(name, rate, problem) - peer).max(),
        None if other is None else np.abs(other(problem) - peer).max(),
    ]
    texts = ["-" if one is None else f"{one:.1e}" for one in differences]
    return (name, f"{np.abs(peer - problem.start).max():.2f}", *texts)


def main() -> int:
    """Print the table."""
    warnings.simplefilter("ignore")
    header = ("Model", "way gone", "ours", "recursion with their one difference")
    rows = tuple(row(name, Problem()) for name in PEERS)
    table = Plain("Difference from the package after 50 steps", header, rows)
    print(table.to_markdown())
    return 0


if __name__ == "__main__":
    sys.exit(main())
