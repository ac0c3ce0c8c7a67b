"""`sign`: a signature beside the manifest of a bundle, and keys for it."""

from __future__ import annotations

from pathlib import Path

from trackdnn.commands import console
from trackdnn.errors import InputError


def run(bundle: Path | None, key: Path | None, new: Path | None) -> None:
    """Sign a bundle, make a pair of keys, or both; paths on stdout.

    Args:
        bundle: The bundle, or nothing if only keys are wanted.
        key: The private key to sign with.
        new: Name of keys to make, and to sign with.

    Raises:
        InputError: If it is not said what to sign with, or nothing is asked for.
    """
    if (key is None) == (new is None) or (bundle is None and new is None):
        raise InputError(
            "`sign` must be given a bundle and `--key PRIVATE.pem`, or `--new-key "
            f"NAME` with a bundle or without. Received: {bundle or 'no bundle'}, "
            f"--key {key or 'none'}, --new-key {new or 'none'}"
        )
    from export import signing, verify
    from export.manifest import read_bundle

    if bundle is not None:
        # Before a key is made that a second try would find there already.
        read_bundle(bundle)
    if new is not None:
        key, public = signing.new_key(new)
        console.out().print(f"{key}\n{public}", soft_wrap=True)
        console.say([f"keep {key} to yourself; give {public} to those who verify"])
    if bundle is not None and key is not None:
        _warn(key)
        console.say([f"signed {signing.sign(bundle, key)}"])
        console.out().print(str(bundle / verify.SIGNATURE), soft_wrap=True)


def _warn(key: Path) -> None:
    if key.is_file() and key.stat().st_mode & 0o077:
        console.say([f"others can read {key}: `chmod 600` it, or make a new key"])
