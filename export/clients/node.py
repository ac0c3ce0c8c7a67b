"""Node.js and its package onnxruntime-node, for the client in JavaScript.

Node.js and npm are looked for on the path. The package is not a part of ours: it is
used where it is installed already, and fetched from npm only when that is asked for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from export.errors import ClientError, MissingToolError

PACKAGE = "onnxruntime-node"
# Of the newest release on npm; it serves what its namesake for Python does.
VERSION = "1.30.0"
SECONDS = 900


def find_node() -> str:
    """The program `node`.

    Raises:
        MissingToolError: If it is not installed.
    """
    found = shutil.which("node")
    if found is None:
        raise MissingToolError("Node.js must be installed: no program 'node' is found")
    return found


def find_modules(cache: Path, *, fetch: bool = False) -> Path:
    """The folder `node_modules` that holds onnxruntime-node.

    Looked for in the folders of `NODE_PATH`, in the current folder and in the cache.

    Args:
        cache: Folder to fetch it to.
        fetch: Whether to fetch it if it is not there.

    Raises:
        MissingToolError: If it is not there and not fetched, or npm is missing.
        ClientError: If npm cannot install it.
    """
    find_node()
    listed = os.environ.get("NODE_PATH", "").split(os.pathsep)
    own = cache / f"{PACKAGE}-{VERSION}"
    named = [Path(entry) for entry in listed if entry]
    for modules in (*named, Path.cwd() / "node_modules", own / "node_modules"):
        if (modules / PACKAGE / "package.json").is_file():
            return modules
    if not fetch:
        raise MissingToolError(
            f"{PACKAGE} must be installed, and is not. `npm install {PACKAGE}` here, "
            "or `--fetch`, gets it from npm"
        )
    _install(own)
    return own / "node_modules"


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise MissingToolError(f"npm must be installed to get {PACKAGE}, and is not")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Its install script fetches CUDA's libraries; those of a processor are inside.
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-save")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".npm-") as made:
        command = [npm, "install", *options, "--prefix", made, f"{PACKAGE}@{VERSION}"]
        reason = _reason(command)
        if reason:
            raise MissingToolError(f"npm must install {PACKAGE}. Received: {reason}")
        shutil.rmtree(folder, ignore_errors=True)
        Path(made).rename(folder)
        # The context manager wants something to remove.
        Path(made).mkdir()


def _reason(command: list[str]) -> str:
    """Why a command failed, in a line; empty if it did not."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {SECONDS} s"
    except OSError as error:
        raise ClientError(f"npm must start. Received: {error}") from error
    lines = [line for line in done.stderr.splitlines() if "error" in line.lower()]
    if done.returncode == 0:
        return ""
    return (lines or [f"exit code {done.returncode}"])[0][:300]
