"""Every file of a kit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from export import verify
from export.cmssw_kit import instructions, rendering
from export.cmssw_kit.cuts import literal
from export.cmssw_kit.probe import pack_probe
from export.errors import BundleError
from export.manifest import FROZEN_GRAPH, ONNX, Bundle

if TYPE_CHECKING:
    from export.cmssw_kit.plan import Plan

_PYTHON = ("network_cfi", "classifier_cfi", "quality_cuts", "customise")
_TESTS = ("probe.h", "test_tensorflow.cc")


def contents(plan: Plan) -> dict[str, bytes]:
    """The files of a kit by their place in it; `src` is laid out like an area's.

    Args:
        plan: What `plan_kit` made of a bundle.

    Raises:
        BundleError: If a file is not as the manifest tells.
        KitError: If the manifest holds what cannot go into a program.
    """
    bundle, places = plan.bundle, plan.places
    try:
        probe = verify.read_probe(bundle.probe)
    except verify.RefusedError as error:
        raise BundleError(str(error)) from None
    data = {places.graph: _read(bundle, FROZEN_GRAPH), places.probe: pack_probe(probe)}
    if plan.onnx:
        data[places.onnx] = _read(bundle, ONNX)
    code = {f"{places.package}/{name}": text for name, text in package(plan).items()}
    files = data | {place: text.encode() for place, text in code.items()}
    readme = instructions_of(plan, data, rows=len(probe["score"]))
    below = {f"src/{place}": content for place, content in files.items()}
    return {"README.md": readme.encode(), **below}


def package(plan: Plan) -> dict[str, str]:
    """The texts of the package that a kit adds, by their place in it.

    Raises:
        KitError: If the manifest holds what cannot go into a program.
    """
    values = _values(plan)
    onnx_test = rendering.render("onnx_test.xml.in", values) if plan.onnx else ""
    values["onnx_test"] = onnx_test.rstrip()
    texts = {
        f"python/{module}.py": rendering.render(f"{module}.py.in", values)
        for module in _PYTHON
    }
    for file in ("BuildFile.xml", "kit.h"):
        texts[f"test/{file}"] = rendering.render(f"{file}.in", values).rstrip() + "\n"
    tests = (*_TESTS, "test_onnxruntime.cc") if plan.onnx else _TESTS
    return texts | {f"test/{file}": rendering.verbatim(file) for file in tests}


def instructions_of(plan: Plan, data: Mapping[str, bytes], *, rows: int) -> str:
    """The README of a kit.

    Args:
        plan: What the kit is to be.
        data: Its files that are no texts, by their place in an area.
        rows: Rows of the probe.
    """
    manifest, places = plan.bundle.manifest, plan.places
    example, cuts = next(iter(plan.cuts.iterations.items()))
    kinds = ("tensorflow", "onnxruntime") if plan.onnx else ("tensorflow",)
    digits = [
        (place, len(content), hashlib.sha256(content).hexdigest())
        for place, content in data.items()
    ]
    values = {
        "name": places.name,
        "package": places.package,
        "graph": places.graph,
        "target": plan.target.name,
        "rows": f"{rows:,}",
        "example": example,
        "example_cuts": ", ".join(map(literal, cuts)),
        "tests": "\n".join(f"       test_{places.name}_{kind}" for kind in kinds),
        "facts": instructions.facts(manifest, plan.target),
        "points": instructions.points(manifest["working_points"], plan.cuts.names),
        "cuts": instructions.cuts(plan.cuts),
        "notes": instructions.notes(plan.cuts.notes),
        "files": instructions.table(("file below src/", "bytes", "SHA-256"), digits),
    }
    return rendering.render("README.md.in", values)


def _values(plan: Plan) -> dict[str, str]:
    """What the code of a kit has to know; nothing else of a manifest goes into it."""
    manifest: dict[str, Any] = plan.bundle.manifest
    places, names = plan.places, plan.bundle.names
    return {
        "name": places.name,
        "graph": places.graph,
        "onnx": places.onnx,
        "probe": places.probe,
        "graph_sha256": hashlib.sha256(_read(plan.bundle, FROZEN_GRAPH)).hexdigest(),
        "cuts": rendering.cut_lines(plan.cuts.iterations),
        "features": rendering.tensor_name(names.features),
        "category": rendering.tensor_name(names.category),
        "graph_output": rendering.tensor_name(manifest["outputs"]["frozen_graph"]),
        "onnx_output": rendering.tensor_name(names.score),
        "width": str(len(manifest["inputs"]["features"]["columns"])),
        "tolerance": rendering.tolerance(manifest["parity"]["tolerance"]),
    }


def _read(bundle: Bundle, name: str) -> bytes:
    """A file of a bundle, as it was when it was listed."""
    content = (bundle.folder / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != bundle.manifest["files"][name]["sha256"]:
        raise BundleError(
            f"{bundle.folder / name} must have the SHA-256 of the manifest, and was "
            "changed while the kit was written"
        )
    return content
