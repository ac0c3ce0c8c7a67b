"""What a kit is to be."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from export.cmssw_kit.cuts import QualityCuts
    from export.cmssw_kit.naming import Places
    from export.manifest import Bundle
    from export.targets import Target


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """A kit that can be written, as far as can be told without TensorFlow.

    Args:
        bundle: The bundle, its hashes compared.
        folder: Where the kit goes.
        places: Name of the network, and where its files go.
        target: The CMSSW that the bundle was made for.
        cuts: Its cuts.
        onnx: Whether the ONNX file goes along.
    """

    bundle: Bundle
    folder: Path
    places: Places
    target: Target
    cuts: QualityCuts
    onnx: bool
