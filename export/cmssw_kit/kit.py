"""From a bundle to a folder that is copied into an area of CMSSW."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from export import safety, verify
from export.assembly import assembled
from export.cmssw_kit import contents
from export.cmssw_kit.cuts import quality_cuts
from export.cmssw_kit.naming import Places, default_name
from export.cmssw_kit.plan import Plan
from export.errors import BundleError, KitError, TargetError
from export.manifest import FROZEN_GRAPH, read_bundle
from export.targets import OLDEST, Target, find_target

_FAMILY = "cmssw-"


def plan_kit(
    bundle: Path,
    folder: Path,
    name: str | None = None,
    *,
    columns: Sequence[str],
    onnx: bool = False,
) -> Plan:
    """Check all that a kit needs and that takes no TensorFlow.

    Args:
        bundle: Folder of a bundle.
        folder: Where the kit goes: new or empty, and not in the bundle.
        name: What CMSSW shall call the network; by default from the graph's SHA-256.
        columns: The inputs that `TrackTfClassifier` fills, in its order.
        onnx: Take the ONNX file as well.

    Raises:
        KitError: If the folder is in use, the name cannot be one, the bundle has other
            inputs, or not three cuts.
        BundleError: If the bundle is damaged.
        UnsafeGraphError: If a graph breaks the rules for graphs.
        TargetError: If the bundle was not made for CMSSW.
    """
    if name is not None:
        Places(name)
    check_folder(folder, bundle)
    found = read_bundle(bundle)
    try:
        verify.check_strangers(found.folder, found.manifest)
    except verify.RefusedError as error:
        raise BundleError(str(error)) from None
    safety.check_bundle(found.folder)
    target = target_of(found.manifest)
    check_columns(found.manifest, columns)
    sha256 = found.manifest["files"][FROZEN_GRAPH]["sha256"]
    return Plan(
        bundle=found,
        folder=folder,
        places=Places(default_name(sha256) if name is None else name),
        target=target,
        cuts=quality_cuts(found.manifest["working_points"]),
        onnx=onnx,
    )


def write_kit(plan: Plan) -> Path:
    """Write a kit, whole or not at all; imports TensorFlow.

    Args:
        plan: What `plan_kit` made of a bundle.

    Returns:
        The folder of the kit.

    Raises:
        TargetError: If an artifact breaks a rule of the bundle's target.
        BundleError: If a file changed since, or the probe is none.
        KitError: If the manifest holds what cannot go into a program.
        ExportError: If the disk refuses.
    """
    from export.artifacts import read_artifacts
    from export.target_rules import require

    require(read_artifacts(plan.bundle.folder), plan.target)
    files = contents.contents(plan)
    with assembled(plan.folder) as workspace:
        for place, content in files.items():
            path = workspace / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return plan.folder


def check_folder(folder: Path, bundle: Path) -> None:
    """Raise unless a kit can be written to `folder` and nothing is lost by it.

    Raises:
        KitError: With what stands in the way.
    """
    if folder.resolve().is_relative_to(bundle.resolve()):
        raise KitError(
            f"The folder of a kit must be outside the bundle. Received: {folder}"
        )
    if not folder.exists() and not folder.is_symlink():
        return
    held = sorted(folder.iterdir()) if folder.is_dir() else [folder]
    if held:
        raise KitError(
            f"The folder of a kit must be new or empty. Received: {folder}, which "
            f"holds '{held[0].name}'. Remove that or choose another folder"
        )


def target_of(manifest: Mapping[str, Any]) -> Target:
    """The CMSSW that a bundle was made for; the oldest if it does not say.

    Raises:
        TargetError: If it was made for something else.
    """
    name = manifest.get("target", OLDEST)
    if not isinstance(name, str) or not name.startswith(_FAMILY):
        raise TargetError(
            "A kit for CMSSW must come from a bundle that was made for CMSSW. "
            f"Received: target={name!r} in manifest.json. "
            f"Export the run again with `--target {OLDEST}`"
        )
    return find_target(name)


def check_columns(manifest: Mapping[str, Any], columns: Sequence[str]) -> None:
    """Raise unless the inputs are those that CMSSW fills.

    Raises:
        KitError: With the first that differs.
    """
    listed = manifest["inputs"]["features"]["columns"]
    found = [column["name"] for column in listed]
    if found == list(columns):
        return
    pairs = zip(found, columns, strict=False)
    place = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
    wrong = f"{len(found)} columns"
    if place is not None:
        wrong = f"column {place} is '{found[place]}', and not '{columns[place]}'"
    raise KitError(
        f"The inputs must be the {len(columns)} of TrackTfClassifier in its order. "
        f"Received: {wrong}"
    )
