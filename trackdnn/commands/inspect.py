"""`inspect`: what a path holds."""

from __future__ import annotations

import json
from pathlib import Path

from trackdnn.commands import console
from trackdnn.commands.quiet import start_tensorflow


def run(path: Path, *, as_json: bool) -> None:
    """Explain a run, a bundle, a ROOT file or a graph on stdout."""
    from trackdnn.inspection.explain import explain

    if path.suffix == ".pb" and path.is_file():
        start_tensorflow()
    found = explain(path)
    if as_json:
        console.out().print(json.dumps(found.to_dict(), indent=2), soft_wrap=True)
        return
    for line in found.lines:
        console.out().print(line, soft_wrap=True)
