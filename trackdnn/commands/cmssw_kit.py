"""`cmssw-kit`: a bundle, laid out for an area of CMSSW."""

from __future__ import annotations

from pathlib import Path

from trackdnn.commands import console
from trackdnn.commands.quiet import start_tensorflow
from trackdnn.data.features import FEATURE_NAMES


def run(bundle: Path, to: Path, name: str | None, *, onnx: bool) -> None:
    """Write a kit; its folder on stdout, what people should know on stderr.

    Args:
        bundle: Folder of a bundle that was made for CMSSW.
        to: Folder of the kit.
        name: What CMSSW shall call the network; from its SHA-256 by default.
        onnx: Take the ONNX file as well.
    """
    from export.cmssw_kit.kit import plan_kit, write_kit

    plan = plan_kit(bundle, to, name, columns=FEATURE_NAMES, onnx=onnx)
    start_tensorflow()
    folder = write_kit(plan)
    console.say(
        [
            f"network {plan.places.name} for {plan.target.name}, "
            f"cuts of {len(plan.cuts.iterations)} iterations",
            *(f"note: {' '.join(note.split())}" for note in plan.cuts.notes),
            f"next: {folder / 'README.md'}",
        ]
    )
    console.out().print(str(folder), soft_wrap=True)
