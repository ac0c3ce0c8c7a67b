"""What a conversion is to give, and what can be refused before any work."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from export.conversion.destination import Destination
from export.errors import ConversionError, TargetError
from export.signature import Names
from export.targets import OLDEST, ONNX, SAVED_MODEL, find_target

KINDS = {"onnx": ONNX, "saved-model": SAVED_MODEL}


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConversionOptions:
    """What a conversion is to give.

    Args:
        to: `onnx` or `saved-model`.
        target: Where it is to run.
        names: Names of the tensors.
        opset: Version of the ONNX operators, 13 to 21.
        ir_version: Version of the ONNX format.
        tolerance: Largest difference from the original that passes.
        fold: Whether batch normalisation is folded into the matrices.
    """

    to: str
    target: str = OLDEST
    names: Names = dataclasses.field(default_factory=Names)
    opset: int = 13
    ir_version: int = 7
    tolerance: float = 5e-6
    fold: bool = True


def check_options(options: ConversionOptions, output: Path) -> None:
    """Raise, before any work, for what cannot come about.

    Raises:
        ConversionError: If `output` is there already, or `to` is no kind.
        TargetError: If the target does not run that kind or those versions.
    """
    if options.to not in KINDS:
        raise ConversionError(
            f"`--to` must be {' or '.join(KINDS)}. Received: {options.to}"
        )
    target, kind = find_target(options.target), KINDS[options.to]
    if kind not in target.kinds:
        served = ", ".join(name for name, own in KINDS.items() if own in target.kinds)
        raise TargetError(
            f"{target.name} does not run what `--to {options.to}` writes, only "
            f"{served}. Choose another --target, or another kind"
        )
    limits = {"opset": target.opset, "ir-version": target.ir_version}
    asked = {"opset": options.opset, "ir-version": options.ir_version}
    for name, limit in limits.items() if kind == ONNX else ():
        if limit is not None and asked[name] > limit:
            raise TargetError(
                f"`--{name}` must be at most {limit} for {target.name} (ONNX Runtime "
                f"{target.onnxruntime}). Received: {asked[name]}"
            )
    Destination(output).check()
