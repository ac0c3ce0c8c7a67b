"""`verify`: whether a bundle is whole, holds what it may, and scores as it did."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path

from trackdnn.commands import console
from trackdnn.commands.quiet import start_tensorflow
from trackdnn.errors import InputError


def run(
    folder: Path, runtime: str | None, key: Path | None = None, *, as_json: bool
) -> int:
    """Check a bundle; one line per check on stdout, what failed on stderr as well.

    Args:
        folder: The bundle.
        runtime: Replay in this one alone; in all that are installed by default.
        key: A public key in PEM that must have signed the bundle.
        as_json: Print JSON instead of lines.

    Returns:
        Exit code: 2 if a check failed, else 0.

    Raises:
        InputError: If there is no such runtime.
    """
    from export import safety, verify

    if runtime is not None and runtime not in verify.ARTIFACTS:
        raise InputError(
            f"`--runtime` must be {' or '.join(verify.ARTIFACTS)}. Received: {runtime}"
        )
    chosen = verify.ARTIFACTS if runtime is None else [runtime]
    installed = [name for name in chosen if importlib.util.find_spec(name)]

    def guard(bundle: Path) -> str:
        found = safety.check_bundle(bundle)
        if "tensorflow" in installed:
            # The proof is one of a processor.
            os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
            start_tensorflow()
        return found

    checks = verify.verify(folder, installed, guard, key)
    if as_json:
        content = json.dumps(verify.to_dict(folder, checks), indent=2)
        console.out().print(content, soft_wrap=True)
    else:
        for line in verify.lines(checks):
            console.out().print(line, soft_wrap=True)
    faults = [check for check in checks if check.status == verify.FAILED]
    console.say(f"error: {fault.name}: {_one_line(fault.detail)}" for fault in faults)
    return 2 if faults else 0


def _one_line(text: str) -> str:
    return " ".join(text.split())
