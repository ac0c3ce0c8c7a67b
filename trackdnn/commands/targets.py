"""`targets`: where artifacts can run, and whether a bundle can."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from export.errors import TargetError
from export.targets import TARGETS, find_target
from trackdnn.commands import console
from trackdnn.commands.quiet import start_tensorflow

if TYPE_CHECKING:
    from export.targets import Target


def run(bundle: Path | None, name: str | None, *, as_json: bool) -> None:
    """Print the table of targets, or what a bundle breaks of their rules.

    Args:
        bundle: A bundle to try.
        name: The only target of interest.
        as_json: Print one JSON list instead of a table.

    Raises:
        TargetError: If the bundle breaks a rule of the target that was named.
    """
    chosen = [find_target(name)] if name else list(TARGETS.values())
    broken = None if bundle is None else _broken(bundle, chosen)
    if as_json:
        content = [one.to_dict() for one in chosen]
        for entry in content if broken is not None else ():
            entry["broken"] = (broken or {})[entry["name"]]
        console.out().print(json.dumps(content, indent=2), soft_wrap=True)
    else:
        console.out().print(_table(chosen) if broken is None else _verdicts(broken))
    if name and broken and broken[name]:
        raise TargetError(f"{bundle}: {'; '.join(broken[name])}")


def _broken(folder: Path, chosen: Iterable[Target]) -> dict[str, list[str]]:
    """The rules of each target that a verified bundle breaks."""
    from export.artifacts import read_artifacts
    from export.manifest import read_bundle
    from export.target_rules import check_bundle

    bundle = read_bundle(folder)
    start_tensorflow()
    artifacts = read_artifacts(bundle.folder)
    return {one.name: check_bundle(artifacts, one) for one in chosen}


def _table(chosen: Iterable[Target]) -> Table:
    table = Table(box=None)
    for head in ("target", "TensorFlow", "ONNX Runtime", "opset", "IR", "asks for"):
        table.add_column(head, overflow="fold")
    for one in chosen:
        table.add_row(
            one.name,
            one.tensorflow or "",
            one.onnxruntime or "",
            f"<= {one.opset}" if one.opset else "",
            f"<= {one.ir_version}" if one.ir_version else "",
            _asked(one),
        )
    return table


def _asked(target: Target) -> str:
    parts = [target.dtype or "", ", ".join(target.placeholders or ())]
    if target.output:
        parts[1] += f" -> {target.output}"
    return "; ".join([part for part in (*parts, target.note) if part])


def _verdicts(broken: dict[str, list[str]]) -> Table:
    table = Table(box=None)
    table.add_column("target")
    table.add_column("bundle", overflow="fold")
    for name, faults in broken.items():
        table.add_row(name, "\n".join(faults) or "fits")
    return table
