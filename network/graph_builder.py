"""GraphBuilder: from the choice of a network of graphs to the network.

A new network is one file in `network/architectures` and one entry of `ARCHITECTURES`.
Keras is loaded when a network is built, not when options are looked at.
"""

from __future__ import annotations

import dataclasses
import importlib
from typing import TYPE_CHECKING, Any

from network.graph_options import CHECKS, MASK_CHECKS
from network.presets import check_options, hint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from network.builder import ModelChoice
    from network.graph_inputs import GraphInputs


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A network of graphs.

    Args:
        file: Module in `network.architectures`.
        function: Function there, from a `GraphInputs` and the options to the model.
        options: Its options, with their defaults.
    """

    file: str
    function: str
    options: Mapping[str, Any]

    def load(self) -> Callable[..., Any]:
        """The function."""
        module = importlib.import_module(f"network.architectures.{self.file}")
        found: Callable[..., Any] = getattr(module, self.function)
        return found


_STYLE = {"normalization": "layer", "activation": "swish"}
_INTERACTION = {
    "width": 64,
    "steps": 4,
    "depth": 2,
    "aggregation": ("mean", "max"),
    "recurrent": False,
    "both_ways": True,
    "residual": True,
    **_STYLE,
    "decoder": (64, 32),
}
# Sizes of `exatrkx` and `hypertrack` as published: the quick start of
# HSF-reco-and-software-triggers/Tracking-ML-Exa.TrkX and mieskolainen/hypertrack.
ARCHITECTURES: Mapping[str, Architecture] = {
    "interaction": Architecture("interaction", "interaction", _INTERACTION),
    "exatrkx": Architecture(
        "interaction",
        "interaction",
        {
            **_INTERACTION,
            "width": 128,
            "steps": 8,
            "depth": 3,
            "aggregation": ("sum", "max"),
            "recurrent": True,
            "activation": "relu",
            "decoder": (128, 128, 128),
        },
    ),
    "hypertrack": Architecture(
        "hypertrack",
        "hypertrack",
        {
            "width": 64,
            "steps": 5,
            "depth": 2,
            "aggregation": ("mean",),
            "fusion": 61,
            "self_edges": True,
            "normalization": "batch",
            "activation": "swish",
            "decoder": (30, 30),
        },
    ),
    "attention": Architecture(
        "attention",
        "attention",
        {
            "width": 64,
            "steps": 4,
            "depth": 2,
            "heads": 4,
            "dynamic": True,
            **_STYLE,
            "decoder": (64, 32),
        },
    ),
    "dense": Architecture(
        "dense_edges", "dense_edges", {"width": 64, "depth": 3, **_STYLE}
    ),
    "embedding": Architecture(
        "hit_embedding",
        "hit_embedding",
        {"width": 256, "depth": 4, "dimensions": 12, "normalize": True, **_STYLE},
    ),
}
# Arguments of `PivotMaskHead`.
MASKS: Mapping[str, Any] = {
    "width": 64,
    "heads": 4,
    "blocks": 4,
    "mask_units": (32, 16),
    "activation": "swish",
}


def complete_options(architecture: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a network of graphs: those given, and defaults of the others.

    Args:
        architecture: One of `ARCHITECTURES`.
        options: Some of its options.

    Returns:
        All of its options.

    Raises:
        ValueError: If the architecture or an option is unknown (the nearest name is
            given), or an option is of the wrong type or outside its range.
    """
    if architecture not in ARCHITECTURES:
        raise ValueError(
            f"`architecture` must be one of {sorted(ARCHITECTURES)}. Received: "
            f"architecture={architecture!r}{hint(architecture, ARCHITECTURES)}"
        )
    defaults = ARCHITECTURES[architecture].options
    found = check_options(f"network '{architecture}'", options, defaults, CHECKS)
    _check_heads(f"network '{architecture}'", found)
    return found


def complete_masks(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the pivot transformer: those given, and defaults of the others.

    Args:
        options: Some of `MASKS`.

    Returns:
        All of them.

    Raises:
        ValueError: As `complete_options`.
    """
    found = check_options("pivot transformer", options, MASKS, MASK_CHECKS)
    _check_heads("pivot transformer", found)
    return found


class GraphBuilder:
    """Builds the network of graphs that the settings ask for.

    Args:
        choice: Object with `architecture` (a name of `ARCHITECTURES`) and `options` (a
            mapping).
        masks: Options of the pivot transformer that is added, some of `MASKS`; `None`
            for none.

    Raises:
        ValueError: If the architecture or an option is unknown, an option has an
            impossible value, or masks are wanted of a network without edges.
    """

    def __init__(
        self, choice: ModelChoice, masks: Mapping[str, Any] | None = None
    ) -> None:
        self.architecture: str = choice.architecture
        self.options = complete_options(choice.architecture, choice.options)
        self.masks = None if masks is None else complete_masks(masks)
        if masks is not None and self.architecture == "embedding":
            raise ValueError(
                "The pivot transformer must stand on a network of edges. Received: "
                "architecture='embedding'"
            )

    @property
    def coupled(self) -> bool:
        """Whether in training the output for an event depends on others of its batch.

        Messages stay within an event; batch normalisation does not.
        """
        return bool(self.options.get("normalization") == "batch")

    def build(self, inputs: GraphInputs) -> Any:
        """The network, with fresh weights.

        Args:
            inputs: Names and ranges of the features.

        Returns:
            `keras.Model`: an edge classifier with inputs and output as in
            `network.architectures.edge_classifier`, with masks those of
            `network.architectures.pivot_masks` too; `embedding` takes `nodes` alone
            and gives `place`.
        """
        model = ARCHITECTURES[self.architecture].load()(inputs, **self.options)
        if self.masks is None:
            return model
        from network.architectures.pivot_masks import with_masks

        return with_masks(model, self.masks)


def _check_heads(owner: str, options: Mapping[str, Any]) -> None:
    heads, width = options.get("heads", 1), options["width"]
    if width % heads:
        raise ValueError(
            f"Option `heads` of the {owner} must divide `width`. Received: "
            f"heads={heads}, width={width}"
        )
