"""What the inputs of a network of graphs are: names and ranges.

`GraphInputs` is the whole contract between the features of hits and edges and a
network: it is fitted on the graphs of the training, the sanitizers are built from it,
and it leaves with the network.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True, kw_only=True)
class GraphInputs:
    """Names and ranges of the features of nodes and edges.

    Args:
        node_names: Names of the features of a node, in the order of the columns.
        node_lower: Lower end of each; smaller values are clipped to it.
        node_upper: Upper end of each, greater than the lower one.
        edge_names: Names of the features of an edge; may be none.
        edge_lower: Lower end of each.
        edge_upper: Upper end of each.
        node_scale: Where each turns from linear to logarithmic, in its unit, 0 for
            one that stays linear (`network.custom.signed_log`); empty for all.
        edge_scale: Likewise.

    Raises:
        ValueError: If there is no feature of nodes, a name is there twice, lengths
            differ, or a range is empty or not finite in float32.
    """

    node_names: tuple[str, ...]
    node_lower: tuple[float, ...]
    node_upper: tuple[float, ...]
    edge_names: tuple[str, ...] = ()
    edge_lower: tuple[float, ...] = ()
    edge_upper: tuple[float, ...] = ()
    node_scale: tuple[float, ...] = ()
    edge_scale: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            convert = str if field.name.endswith("names") else float
            value = tuple(convert(entry) for entry in getattr(self, field.name))
            object.__setattr__(self, field.name, value)
        for kind in ("node", "edge"):
            if not getattr(self, f"{kind}_scale"):
                linear = (0.0,) * len(getattr(self, f"{kind}_names"))
                object.__setattr__(self, f"{kind}_scale", linear)
        if not self.node_names:
            raise ValueError(
                "`node_names` must name at least one feature. Received: node_names=()"
            )
        _check("node", self.node_names, self.node_lower, self.node_upper)
        _check("edge", self.edge_names, self.edge_lower, self.edge_upper)
        _check_length("node", "scale", self.node_names, self.node_scale)
        _check_length("edge", "scale", self.edge_names, self.edge_scale)

    @property
    def node_width(self) -> int:
        """Number of features of a node."""
        return len(self.node_names)

    @property
    def edge_width(self) -> int:
        """Number of features of an edge."""
        return len(self.edge_names)

    def to_dict(self) -> dict[str, Any]:
        """The names and ranges as plain lists."""
        return {key: list(value) for key, value in dataclasses.asdict(self).items()}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> GraphInputs:
        """What `to_dict` described; unknown keys are a `TypeError`."""
        return cls(**content)

    def to_json(self) -> str:
        """The names and ranges as a JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_json(cls, text: str) -> GraphInputs:
        """The names and ranges in a JSON text."""
        return cls.from_dict(json.loads(text))


def _check(
    kind: str,
    names: tuple[str, ...],
    lower: tuple[float, ...],
    upper: tuple[float, ...],
) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            f"`{kind}_names` must name each feature once. Received: {repeated[0]!r} "
            f"{names.count(repeated[0])} times"
        )
    for field, values in (("lower", lower), ("upper", upper)):
        _check_length(kind, field, names, values)
    for name, low, high in zip(names, lower, upper, strict=True):
        # In float32, where the sanitizer computes.
        with np.errstate(over="ignore"):
            valid = -np.inf < np.float32(low) < np.float32(high) < np.inf
        if not valid:
            raise ValueError(
                f"The range of the {kind} feature {name!r} must be finite and not "
                f"empty, in float32. Received: lower={low}, upper={high}"
            )


def _check_length(
    kind: str, field: str, names: tuple[str, ...], values: tuple[float, ...]
) -> None:
    if len(values) != len(names):
        raise ValueError(
            f"`{kind}_{field}` must have one entry per feature of the {kind}s. "
            f"Received: {len(values)} entries for {len(names)} features"
        )
