"""Who exported a bundle: a signature beside its manifest.

The manifest holds the SHA-256 of every other file, so that one signature over its bytes
covers the bundle. It is detached (`manifest.json.sig`, as openssl writes it), needs no
service, and changes nothing for those who do not ask for it: `export.verify` checks it
where a public key is named.

Keys are made and used by the program `openssl`: there is no library to install, a key
can have a pass phrase, and it stays what other tools read.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from export import verify
from export.errors import BundleError, SigningError
from export.manifest import read_bundle

PRIVATE, PUBLIC = ".pem", ".pub.pem"


def new_key(name: Path) -> tuple[Path, Path]:
    """Make an Ed25519 key pair, `NAME.pem` and `NAME.pub.pem`.

    Args:
        name: Path of both without their endings; an ending `.pem` is left out.

    Returns:
        The private key, which its owner alone may read, and the public one.

    Raises:
        SigningError: If one is there already, or cannot be made.
    """
    if not name.name:
        raise SigningError(f"`--new-key` must end in a name. Received: {name}")
    stem = str(name).removesuffix(PRIVATE)
    private, public = Path(stem + PRIVATE), Path(stem + PUBLIC)
    for path in (private, public):
        if path.exists() or path.is_symlink():
            raise SigningError(
                f"A new key must have a name of its own. Received: {path}, which is "
                "there already. Choose another name"
            )
    secret = _openssl("genpkey", "-algorithm", "ED25519")
    _write_new(private, secret, mode=0o600)
    try:
        _write_new(public, _openssl("pkey", "-pubout", given=secret), mode=0o644)
    except SigningError:
        private.unlink()
        raise
    return private, public


def sign(folder: Path, key: Path) -> str:
    """Write `manifest.json.sig` into a bundle; one that is there is replaced.

    Args:
        folder: The bundle; its hashes are compared first.
        key: Private key in PEM: Ed25519, or ECDSA or RSA with SHA-256. If it has a pass
            phrase, openssl asks for it at the terminal.

    Returns:
        Which key it was.

    Raises:
        BundleError: If the bundle is damaged, or holds what is not its own.
        SigningError: If the key cannot be used, or the signature cannot be written.
    """
    bundle = read_bundle(folder)
    try:
        verify.check_strangers(bundle.folder, bundle.manifest)
    except verify.RefusedError as error:
        raise BundleError(str(error)) from None
    with tempfile.TemporaryDirectory() as name:
        signature, described = _signed(bundle.folder, _existing(key), Path(name))
    _replace(bundle.folder / verify.SIGNATURE, signature)
    return described


def _signed(folder: Path, key: str, workspace: Path) -> tuple[bytes, str]:
    """A signature that was checked with the public part of its key."""
    public, copy = workspace / "public.pem", workspace / verify.MANIFEST
    public.write_bytes(_openssl("pkey", "-in", key, "-pubout"))
    shutil.copyfile(folder / verify.MANIFEST, copy)
    try:
        algorithm, _ = verify.public_key(public)
    except verify.RefusedError:
        raise SigningError(
            f"A key to sign with must be one of Ed25519, ECDSA or RSA. Received: {key}"
        ) from None
    if algorithm == "Ed25519":
        words = ["pkeyutl", "-sign", "-inkey", key, "-rawin", "-in", str(copy)]
    else:
        words = ["dgst", "-sha256", "-sign", key, str(copy)]
    signature = _openssl(*words)
    (workspace / verify.SIGNATURE).write_bytes(signature)
    try:
        return signature, verify.check_signature(workspace, public)
    except verify.RefusedError as error:
        raise SigningError(f"The signature must be right. Received: {error}") from error


def _existing(key: Path) -> str:
    """The whole path of a key, which no program takes for an option."""
    if not key.is_file():
        raise SigningError(
            f"`--key` must be a file with a private key. Received: {key}. "
            "`sign --new-key NAME` makes one"
        )
    return str(key.absolute())


def _openssl(*words: str, given: bytes | None = None) -> bytes:
    """What openssl writes to stdout.

    Raises:
        SigningError: If it is not installed, or refuses.
    """
    program = shutil.which("openssl")
    if program is None:
        raise SigningError("The program openssl must be installed to sign a bundle")
    done = subprocess.run([program, *words], input=given, capture_output=True)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise SigningError(
            f"openssl {words[0]} must accept the key (private, in PEM; Ed25519 needs "
            f"OpenSSL 3). Received: {said[0] if said else 'no reason'}"
        )
    return done.stdout


def _write_new(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file that must not be there."""
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        descriptor = os.open(path, flags, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise SigningError(
            f"The key must be writable at {path}. Received: {error}"
        ) from error


def _replace(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise SigningError(
            f"The signature must be writable at {path}. Received: {error}"
        ) from error
