"""ModelBuilder: from model settings and an input specification to a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from network.architectures import track_classifier
from network.presets import PRESETS, Preset, complete_options, preset

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from network.inputs import InputSpec

__all__ = ["PRESETS", "ModelBuilder", "ModelChoice", "Preset", "preset"]

ARCHITECTURES: Mapping[str, Callable[..., Any]] = {
    "cms2020": track_classifier.cms2020,
    "cms_run3": track_classifier.cms_run3,
    "default": track_classifier.residual,
}


class ModelChoice(Protocol):
    """What the builder reads of the settings: which network, with which options."""

    @property
    def architecture(self) -> Any:
        """One of `PRESETS`."""

    @property
    def options(self) -> Mapping[str, Any]:
        """Options of the architecture."""


class ModelBuilder:
    """Builds the network that the settings ask for.

    Args:
        choice: Object with `architecture` (a name of `PRESETS`) and `options` (a
            mapping), such as `ModelSettings`.

    Raises:
        ValueError: If the architecture or an option is unknown, or an option has an
            impossible value.
    """

    def __init__(self, choice: ModelChoice) -> None:
        self.architecture = choice.architecture
        self.preset = preset(choice.architecture)
        self.options = complete_options(choice.architecture, choice.options)

    @property
    def coupled(self) -> bool:
        """Whether in training the output for a track depends on others of its batch."""
        kind = self.options.get("normalization", self.preset.normalization)
        return bool(kind == "batch")

    def build(self, spec: InputSpec) -> Any:
        """The network, with fresh weights.

        Args:
            spec: Names, transforms, ranges and vocabulary of the inputs.

        Returns:
            `keras.Model` with the inputs `features` of shape `(batch, spec.width)`
            and `category` of shape `(batch, 1)`, and the output `score` of shape
            `(batch, 1)`, a probability. Call it with `[features, category]`.
        """
        function = ARCHITECTURES[self.architecture]
        return function(spec, unknown=self.preset.unknown, **self.options)
