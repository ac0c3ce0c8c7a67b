"""Is a bundle whole, and does it still score as its network did? Stands alone.

    python verify.py BUNDLE [--json] [--runtime onnxruntime|tensorflow] [--key PUBLIC]

Copy this one file anywhere. It needs Python 3.9, NumPy, and ONNX Runtime or TensorFlow,
and nothing of the package that wrote the bundle; `--key` needs the package
`cryptography` or the program `openssl` as well. The exit code is 0 if every check
passes and 2 if one does not. Nothing is loaded from a bundle that is not as written.

The package itself reads bundles with the same code.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import functools
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

FORMAT = "trackdnn.bundle"
MANIFEST = "manifest.json"
# Version 2: the manifest has one form, byte for byte, so that no flipped bit hides.
VERSIONS = (1, 2)
# What a bundle may hold beside the files of its manifest: a signature is made later.
SIGNATURE = f"{MANIFEST}.sig"
UNLISTED = (MANIFEST, SIGNATURE)
ARTIFACTS = {"onnxruntime": ("onnx",), "tensorflow": ("frozen_graph", "saved_model")}
# A SavedModel with fixed batch sizes, which some bundles have beside the other.
STATIC, STATIC_SIGNATURE = "saved_model_static", "serving_default_bs"
OK, FAILED, SKIPPED = "ok", "failed", "skipped"

_ENTRIES = {
    "created": str,
    **dict.fromkeys(("inputs", "outputs", "onnx", "score", "working_points"), dict),
    **dict.fromkeys(("training", "evaluation", "versions", "parity", "files"), dict),
}
_NEEDED = ("frozen_graph.pb", "saved_model/saved_model.pb", "model.onnx", "probe.npz")
_MAX_MANIFEST, _MAX_PROBE = 1 << 26, 1 << 30
_MAX_KEY = 1 << 16
# How a public key begins in DER: the object identifier of its algorithm (RFC 5480,
# RFC 8017, RFC 8410).
_ALGORITHMS = {
    "Ed25519": bytes.fromhex("06032b6570"),
    "ECDSA": bytes.fromhex("06072a8648ce3d0201"),
    "RSA": bytes.fromhex("06092a864886f70d010101"),
}
_PEM = re.compile(
    rb"\s*-----BEGIN PUBLIC KEY-----\s([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*"
)

Arrays = dict[str, Any]


class RefusedError(ValueError):
    """A bundle is incomplete, damaged, or not one of ours."""


class Check(NamedTuple):
    """What one check found.

    Args:
        name: What was looked at.
        status: `"ok"`, `"failed"` or `"skipped"`.
        detail: One line.
    """

    name: str
    status: str
    detail: str


def verify(
    folder: Path,
    runtimes: Sequence[str] | None = None,
    guard: Callable[[Path], str] | None = None,
    key: Path | None = None,
) -> list[Check]:
    """Check a bundle; what follows on a failed check is not done.

    Args:
        folder: The bundle.
        runtimes: Those to replay the probe in; all that are installed by default.
        guard: Looks at the graphs before they are loaded; returns one line or raises
            `ValueError`.
        key: A public key in PEM that must have signed the manifest.

    Returns:
        The checks in their order.
    """
    manifest: dict[str, Any] = {}
    probe: Arrays = {}

    def read() -> str:
        manifest.update(read_manifest(folder))
        return f"version {manifest['schema_version']}, exported {manifest['created']}"

    def load() -> str:
        probe.update(read_probe(folder / "probe.npz"))
        rows, width = probe["features"].shape
        return f"{rows:,} rows of {width} features, plain arrays"

    steps: list[tuple[str, Callable[[], str]]] = [
        ("manifest", read),
        ("files", lambda: check_files(folder, manifest)),
        ("folder", lambda: check_strangers(folder, manifest)),
    ]
    if key is not None:
        # Before anything of the bundle is parsed.
        steps.insert(0, ("signature", lambda: check_signature(folder, key)))
    if guard is not None:
        steps.append(("graphs", lambda: guard(folder)))
    steps.append(("probe", load))
    checks = []
    for name, work in steps:
        checks.append(_checked(name, work))
        if checks[-1].status == FAILED:
            return checks
    return checks + list(_replays(folder, manifest, probe, runtimes))


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a bundle, itself verified; the other files are not looked at.

    Raises:
        RefusedError: If it is missing, damaged, or of an unknown schema.
    """
    path = folder / MANIFEST
    if path.is_symlink() or not path.is_file():
        raise RefusedError(f"A bundle must hold a {MANIFEST}. Received: {folder}")
    try:
        _check_size(path.stat().st_size, _MAX_MANIFEST)
        text = path.read_bytes().decode("utf-8")
        manifest = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError, OSError) as error:
        message = f"{path} must be readable JSON. Received: {error}"
        raise RefusedError(message) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise RefusedError(f"{path} must describe a bundle of trackdnn, and does not")
    version = manifest.get("schema_version")
    if type(version) is not int or version not in VERSIONS:
        raise RefusedError(
            f"{path} must have schema version {' or '.join(map(str, VERSIONS))}. "
            f"Received: schema_version={version!r}. "
            "Export again, or use the trackdnn version that wrote it"
        )
    for key, kind in _ENTRIES.items():
        if not isinstance(manifest.get(key), kind):
            raise RefusedError(f"{path} must have an entry '{key}' ({kind.__name__})")
    sizes = manifest.get("static_batches", [])
    if not isinstance(sizes, list) or any(type(n) is not int or n < 1 for n in sizes):
        raise RefusedError(
            f"{path} must list batch sizes as 'static_batches'. Received: {sizes!r}"
        )
    changed = manifest.get("digest") != digest(manifest)
    if changed or (version > 1 and text != canonical(manifest)):
        raise RefusedError(
            f"{path} must be as it was written, and was changed since. Export again"
        )
    return manifest


def canonical(manifest: dict[str, Any]) -> str:
    """The one form in which a manifest is written."""
    return json.dumps(manifest, indent=2, allow_nan=False) + "\n"


def digest(manifest: dict[str, Any]) -> str:
    """SHA-256 of the content of a manifest without its digest."""
    content = {key: value for key, value in manifest.items() if key != "digest"}
    text = json.dumps(content, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_files(folder: Path, manifest: dict[str, Any]) -> str:
    """Compare every file that a manifest lists with its size and SHA-256.

    Raises:
        RefusedError: With the first file that is missing, changed, or elsewhere.
    """
    files = manifest["files"]
    fixed = (f"{STATIC}/saved_model.pb",) if manifest.get("static_batches") else ()
    for name in (*_NEEDED, *fixed):
        if name not in files:
            raise RefusedError(f"{folder / MANIFEST} must list '{name}', and does not")
    for name, entry in files.items():
        _check_file(folder, name, entry)
    size = sum(entry["bytes"] for entry in files.values())
    return f"{len(files)} files, {size / 1e6:.2f} MB, each with its size and SHA-256"


def check_strangers(folder: Path, manifest: dict[str, Any], below: str = "") -> str:
    """Look for what a manifest does not list.

    Args:
        folder: The bundle.
        manifest: Its manifest.
        below: Folder in the bundle to look into; all of it by default.

    Raises:
        RefusedError: With a file that is not listed, or with a link.
    """
    known = {*manifest["files"], *UNLISTED}
    for path in sorted((folder / below).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or (not path.is_dir() and name not in known):
            raise RefusedError(f"{folder} must not hold '{name}', which is not its own")
    return "no other files, no links"


def check_signature(folder: Path, key: Path) -> str:
    """Raise unless the holder of a key signed the manifest of a bundle.

    Args:
        folder: The bundle; its signature is that of the bytes of `manifest.json`.
        key: The public key in PEM: Ed25519, or ECDSA or RSA (PKCS 1.5) with SHA-256.

    Returns:
        Which key it was, and what compared.

    Raises:
        RefusedError: If the signature is missing, wrong, or by another key; or if
            there is nothing to check it with.
    """
    manifest, signature = folder / MANIFEST, folder / SIGNATURE
    algorithm, der = public_key(key)
    for path in (manifest, signature):
        if path.is_symlink() or not path.is_file():
            raise RefusedError(
                f"{folder} must be signed, and holds no {path.name}. "
                "Ask who exported it for its signature"
            )
        if path.stat().st_size > _MAX_MANIFEST:
            raise RefusedError(f"{path} must have at most {_MAX_MANIFEST:,} bytes")
    if importlib.util.find_spec("cryptography"):
        tool, fault = (
            "the package cryptography",
            _by_cryptography(
                algorithm, der, signature.read_bytes(), manifest.read_bytes()
            ),
        )
    elif shutil.which("openssl"):
        tool = "the program openssl"
        fault = _by_openssl(algorithm, key, signature, manifest)
    else:
        raise RefusedError(
            "The package cryptography or the program openssl must be there to check a "
            "signature. Received: neither"
        )
    name = f"{algorithm} key {hashlib.sha256(der).hexdigest()[:16]}"
    if fault is not None:
        raise RefusedError(
            f"{signature} must be a signature of {MANIFEST} by the {name} ({key}), and "
            f"is not: {tool} says '{fault}'. The manifest was changed since, or "
            "somebody else signed it"
        )
    return f"by the {name}, checked with {tool}"


def public_key(path: Path) -> tuple[str, bytes]:
    """The algorithm of a public key in a PEM file, and the key in DER.

    Raises:
        RefusedError: If the file holds anything else.
    """
    try:
        _check_size(path.stat().st_size, _MAX_KEY)
        found = _PEM.fullmatch(path.read_bytes())
        der = base64.b64decode(found.group(1)) if found else b""
    except (OSError, ValueError, binascii.Error) as error:
        raise RefusedError(f"{path} must be a key. Received: {error}") from error
    start = _content(_content(der))
    for algorithm, identifier in _ALGORITHMS.items():
        if start.startswith(identifier):
            return algorithm, der
    raise RefusedError(
        f"{path} must be one public key in PEM ('BEGIN PUBLIC KEY') of the kind "
        f"{', '.join(_ALGORITHMS)}. Received: something else"
    )


def _content(der: bytes) -> bytes:
    """What a sequence in DER holds, and what follows it."""
    if der[:1] != b"\x30" or len(der) < 2:
        return b""
    return der[2 + (der[1] & 0x7F if der[1] & 0x80 else 0) :]


def _by_cryptography(
    algorithm: str, der: bytes, signature: bytes, content: bytes
) -> str | None:
    """What is wrong with a signature, or nothing."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding

    how: dict[str, tuple[Any, ...]] = {
        "Ed25519": (),
        "ECDSA": (ec.ECDSA(hashes.SHA256()),),
        "RSA": (padding.PKCS1v15(), hashes.SHA256()),
    }
    key: Any = serialization.load_der_public_key(der)
    try:
        key.verify(signature, content, *how[algorithm])
    except InvalidSignature:
        return "invalid signature"
    return None


def _by_openssl(
    algorithm: str, key: Path, signature: Path, content: Path
) -> str | None:
    """What is wrong with a signature, or nothing."""
    names = (os.path.abspath(path) for path in (key, signature, content))  # noqa: PTH100
    words = verifying(algorithm, *names)
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return said[0].strip() if said else f"exit code {done.returncode}"


def verifying(algorithm: str, key: str, signature: str, content: str) -> list[str]:
    """The command of openssl that ends with 0 for a signature that is right."""
    if algorithm == "Ed25519":
        words = ["pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin"]
        return ["openssl", *words, "-sigfile", signature, "-in", content]
    return [
        "openssl",
        "dgst",
        "-sha256",
        "-verify",
        key,
        "-signature",
        signature,
        content,
    ]


def read_probe(path: Path) -> Arrays:
    """Features, category and score of a probe, without pickle.

    Raises:
        RefusedError: If the file holds anything else.
    """
    names = ("features", "category", "score")
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
        _check_size(size, _MAX_PROBE)
        with np.load(path, allow_pickle=False) as content:
            probe = {name: content[name] for name in names}
    except (KeyError, ValueError, OSError, MemoryError, zipfile.BadZipFile) as error:
        message = f"{path} must hold the arrays {names}. Received: {error}"
        raise RefusedError(message) from error
    rows = len(probe["score"]) if probe["score"].ndim else 0
    shapes = [array.shape for array in probe.values()]
    floats = all(array.dtype == np.float32 for array in probe.values())
    if not floats or shapes != [(rows, *shapes[0][1:2]), (rows, 1), (rows, 1)]:
        raise RefusedError(
            f"{path} must hold float32 rows of features, category and score. "
            f"Received: shapes {shapes}"
        )
    return probe


def _check_file(folder: Path, name: str, entry: Any) -> None:
    pure, path = PurePosixPath(name), folder
    if not isinstance(entry, dict) or not {"bytes", "sha256"} <= set(entry):
        raise RefusedError(
            f"{folder / MANIFEST} must give size and SHA-256 of '{name}', and does not"
        )
    if pure.is_absolute() or ".." in pure.parts or not pure.parts:
        raise RefusedError(
            f"{folder / MANIFEST} must name files of the bundle only. "
            f"Received: {name!r}"
        )
    for part in pure.parts:
        path = path / part
        if path.is_symlink():
            raise RefusedError(f"{folder} must hold '{name}' itself, and holds a link")
    if not path.is_file():
        raise RefusedError(f"{folder} must hold '{name}', which is missing")
    if path.stat().st_size != entry["bytes"] or sha256(path) != entry["sha256"]:
        raise RefusedError(
            f"{path} must have the SHA-256 of the manifest, and has another. "
            "The file was damaged or changed; copy the bundle again or export again"
        )


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            found.update(block)
    return found.hexdigest()


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise ValueError(f"{size:,} bytes, more than {most:,}")


def _no_constant(text: str) -> None:
    raise ValueError(f"the number {text}")


def _checked(name: str, work: Callable[[], str]) -> Check:
    try:
        return Check(name, OK, work())
    except ValueError as error:
        return Check(name, FAILED, str(error))
    except Exception as error:  # whatever a runtime or a crafted manifest comes up with
        reason = (str(error).strip().splitlines() or [""])[0]
        return Check(name, FAILED, f"{type(error).__name__}: {reason[:300]}")


def _replays(
    folder: Path,
    manifest: dict[str, Any],
    probe: Arrays,
    runtimes: Sequence[str] | None,
) -> Iterator[Check]:
    if runtimes is None:
        runtimes = [name for name in ARTIFACTS if importlib.util.find_spec(name)]
    if not runtimes:
        reason = "ONNX Runtime or TensorFlow must be installed. Received: neither"
        yield Check("replay", FAILED, reason)
    sizes = manifest.get("static_batches", [])
    fixed = {"tensorflow": [f"saved_model_bs{size}" for size in sizes]}
    for runtime, artifacts in ARTIFACTS.items():
        for name in (*artifacts, *fixed.get(runtime, ())):
            work = functools.partial(_replay, folder, manifest, probe, name)
            if runtime in runtimes:
                yield _checked(f"replay of {name}", work)
            elif runtimes:
                yield Check(f"replay of {name}", SKIPPED, f"without {runtime}")


def _replay(folder: Path, manifest: dict[str, Any], probe: Arrays, name: str) -> str:
    inputs, tolerance = manifest["inputs"], manifest["parity"]["tolerance"]
    feed = {inputs[k]["name"]: probe[k] for k in ("features", "category")}
    output, (kind, _, size) = manifest["outputs"][name], name.partition("_bs")
    if size:
        scores, runtime = _static(folder, feed, output, int(size))
    else:
        runner = {"onnx": _onnx, "frozen_graph": _frozen, "saved_model": _saved}[kind]
        scores, runtime = runner(folder, feed, output)
    if scores.shape != probe["score"].shape or not np.isfinite(scores).all():
        raise RefusedError(f"{name} must give one finite score per row in {runtime}")
    worst = float(np.abs(scores - probe["score"]).max(initial=0.0))
    if not worst <= tolerance:
        raise RefusedError(
            f"{name} must give the scores of the probe to {tolerance:g} in {runtime}. "
            f"Received: max |difference|={worst:.3g}"
        )
    return f"max |difference| {worst:.1e} in {runtime} (tolerance {tolerance:g})"


def _onnx(folder: Path, feed: Arrays, output: str) -> tuple[Any, str]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        (folder / "model.onnx").read_bytes(),
        sess_options=options,
        providers=["CPUExecutionProvider"],
    )
    return session.run([output], feed)[0], f"ONNX Runtime {onnxruntime.__version__}"


def _frozen(folder: Path, feed: Arrays, output: str) -> tuple[Any, str]:
    import tensorflow as tf

    content = (folder / "frozen_graph.pb").read_bytes()
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(tf.compat.v1.GraphDef.FromString(content), name="")
    with tf.compat.v1.Session(graph=graph) as session:
        values = {f"{name}:0": value for name, value in feed.items()}
        return session.run(f"{output}:0", values), f"TensorFlow {tf.__version__}"


def _saved(folder: Path, feed: Arrays, output: str) -> tuple[Any, str]:
    import tensorflow as tf

    # The signature dies with the object that holds its variables.
    loaded = tf.saved_model.load(str(folder / "saved_model"))
    values = {name: tf.constant(value) for name, value in feed.items()}
    scores = loaded.signatures["serving_default"](**values)[output]
    return scores.numpy(), f"TensorFlow {tf.__version__}"


def _static(folder: Path, feed: Arrays, output: str, size: int) -> tuple[Any, str]:
    """As often as there are batches; what is left of the last one is NaN."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(folder / STATIC))
    signature = loaded.signatures[f"{STATIC_SIGNATURE}{size}"]
    rows = len(next(iter(feed.values())))
    extra = ((0, -rows % size), (0, 0))
    padded = {k: np.pad(v, extra, constant_values=np.nan) for k, v in feed.items()}
    scores = [
        signature(**{k: tf.constant(v[low : low + size]) for k, v in padded.items()})
        for low in range(0, rows, size)
    ]
    found = np.concatenate([batch[output].numpy() for batch in scores])[:rows]
    return found, f"TensorFlow {tf.__version__}"


def lines(checks: Iterable[Check]) -> list[str]:
    """One line per check for people."""
    return [f"{c.status:8}{c.name}: {_one_line(c.detail)}" for c in checks]


def _one_line(text: str) -> str:
    """A text on one line, without codes that could steer a terminal."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def to_dict(folder: Path, checks: Sequence[Check]) -> dict[str, Any]:
    """The same as plain values."""
    listed = [check._asdict() for check in checks]
    return {"bundle": str(folder), "ok": passed(checks), "checks": listed}


def passed(checks: Iterable[Check]) -> bool:
    """Whether no check failed."""
    return all(check.status != FAILED for check in checks)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a bundle and say what was found; 0 if it is sound, 2 if not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--json", action="store_true", help="JSON instead of lines")
    parser.add_argument("--runtime", choices=sorted(ARTIFACTS), help="this one alone")
    parser.add_argument("--key", type=Path, help="public key that must have signed it")
    options = parser.parse_args(arguments)
    # The proof is one of a processor; and TensorFlow greets at length.
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    chosen = None if options.runtime is None else [options.runtime]
    checks = verify(options.bundle, chosen, key=options.key)
    found = json.dumps(to_dict(options.bundle, checks), indent=2)
    text = found if options.json else "\n".join(lines(checks))
    sys.stdout.write(f"{text}\n".encode("ascii", "backslashreplace").decode())
    return 0 if passed(checks) else 2


if __name__ == "__main__":
    sys.exit(main())
