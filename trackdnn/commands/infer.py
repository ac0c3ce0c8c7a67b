"""`infer`: scores for ROOT files from a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trackdnn.commands import console


def run(
    bundle: Path, files: Sequence[str], output: Path, tree: str, *, quiet: bool
) -> None:
    """Score files and say what was written."""
    from trackdnn.inference.infer import infer

    done = infer(bundle, files, output, tree=tree, progress=not quiet)
    console.say(done.lines())
    console.out().print(str(output))
