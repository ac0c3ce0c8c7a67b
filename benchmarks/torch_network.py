"""The network of the throughput benchmark in PyTorch: a peer of the same mathematics.

Weights are taken from the Keras network, so that a test can compare the outputs.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from benchmarks.dense_network import LAYERS, WIDTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from network.inputs import InputSpec


class TorchNetwork(torch.nn.Module):
    """Logits of tracks.

    Args:
        spec: Names, transforms, ranges and vocabulary of the inputs.
    """

    def __init__(self, spec: InputSpec) -> None:
        super().__init__()
        self._prepare(spec)
        inputs = len(spec.transforms) + len(spec.vocabulary)
        sizes = [inputs, *LAYERS * [WIDTH], 1]
        self.layers = torch.nn.ModuleList(
            torch.nn.Linear(*pair) for pair in itertools.pairwise(sizes)
        )

    def _prepare(self, spec: InputSpec) -> None:
        low = np.asarray(spec.lower, np.float32)
        high = np.asarray(spec.upper, np.float32)
        names = np.array(spec.transforms)
        scales = spec.scales if spec.scales is not None else [1.0] * len(names)
        for name, value in {
            "low": low,
            "high": high,
            "center": (low + high) / 2,
            "gain": 2 / (high - low),
            "inverse": 1 / np.asarray(scales, np.float32),
            "logarithm": names == "absolute_log1p",
            "signed": names == "identity",
            "vocabulary": np.array(spec.vocabulary, np.float32),
        }.items():
            self.register_buffer(name, torch.from_numpy(np.asarray(value)))

    def forward(self, features: torch.Tensor, category: torch.Tensor) -> torch.Tensor:
        """Logits of shape `(batch, 1)` for inputs of `(batch, 29)` and `(batch, 1)`."""
        x = torch.where(torch.isnan(features), 0.0, features)
        magnitude = x.abs()
        bare = torch.where(self.signed, x, magnitude)
        ratio = torch.clamp(magnitude * self.inverse, max=1e38)
        x = torch.where(self.logarithm, torch.log1p(ratio), bare)
        x = torch.clamp(x, self.low, self.high)
        x = (x - self.center) * self.gain
        known = (torch.round(category) == self.vocabulary).float()
        x = torch.cat([x, known], 1)
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        logits: torch.Tensor = self.layers[-1](x)
        return logits

    def load(self, weights: Sequence[NDArray[Any]]) -> None:
        """Takes kernels and biases in the order in which Keras lists them."""
        pairs = zip(weights[::2], weights[1::2], strict=True)
        with torch.no_grad():
            for layer, (kernel, bias) in zip(self.layers, pairs, strict=True):
                layer.weight.copy_(torch.from_numpy(kernel.T.copy()))
                layer.bias.copy_(torch.from_numpy(bias))
