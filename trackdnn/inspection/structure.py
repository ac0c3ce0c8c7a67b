"""Says what a graph of any format is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackdnn.inspection.layers import count_sums, describe, find_layers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from export.artifacts import Artifact, Tensor
    from trackdnn.inspection.wiring import Wiring


def structure_of(artifact: Artifact, wiring: Wiring) -> dict[str, Any]:
    """Interface, size and layers of a graph as plain values.

    Args:
        artifact: What its file asks for.
        wiring: Its nodes.
    """
    layers = find_layers(wiring)
    return {
        "inputs": _tensors(artifact.inputs),
        "outputs": _tensors(artifact.outputs),
        "nodes": len(wiring.nodes) + sum(wiring.silent.values()),
        "operations": wiring.operations,
        # A matrix that is used twice counts once.
        "parameters": sum({one.source: one.parameters for one in layers}.values()),
        "constants": sum(
            value.size for value in wiring.constants.values() if value.dtype.kind == "f"
        ),
        "layers": [layer.to_dict() for layer in layers],
        "sums_of_branches": (sums := count_sums(wiring)),
        "network": describe(layers, sums),
    }


def structure_lines(content: dict[str, Any], versions: str) -> list[str]:
    """The same for people.

    Args:
        content: From `structure_of`.
        versions: What the file says of its format and its maker.
    """
    operations = (f"{name} {count}" for name, count in content["operations"].items())
    return [
        f"inputs: {_listed(content['inputs'])}; outputs: {_listed(content['outputs'])}",
        f"{content['nodes']} nodes, {versions}",
        f"parameters: {content['parameters']:,} in matrices and biases "
        f"({content['constants']:,} floats in all constants)",
        f"layers: {content['network']}",
        f"operations: {', '.join(operations)}",
    ]


def _tensors(tensors: Iterable[Tensor]) -> dict[str, Any]:
    return {
        tensor.name: {
            "dtype": tensor.dtype,
            "shape": None if tensor.shape is None else list(tensor.shape),
        }
        for tensor in tensors
    }


def _listed(tensors: dict[str, Any]) -> str:
    words = []
    for name, tensor in tensors.items():
        parts = [name, tensor["dtype"]]
        parts += [] if tensor["shape"] is None else [str(tensor["shape"])]
        words.append(" ".join(part for part in parts if part))
    return ", ".join(words) or "none"
