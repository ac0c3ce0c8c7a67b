"""A signature proves who exported a bundle, or is refused in one line."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from export import signing, verify
from export.assembly import check_replaceable
from export.errors import BundleError, SigningError
from export.manifest import read_bundle

ROOT = Path(__file__).parents[2]
KINDS = ("Ed25519", "ECDSA", "RSA")
TOOLS = {"openssl": "the program openssl", "cryptography": "the package cryptography"}

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the program openssl is not here"
)


def openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Private and public key of each kind, and of a stranger."""
    folder = tmp_path_factory.mktemp("keys")
    pairs = {name: signing.new_key(folder / name) for name in ("Ed25519", "stranger")}
    made = {
        "ECDSA": ("EC", "ec_paramgen_curve:P-256"),
        "RSA": ("RSA", "rsa_keygen_bits:2048"),
    }
    for name, (algorithm, option) in made.items():
        private, public = folder / f"{name}.pem", folder / f"{name}.pub.pem"
        words = ("-algorithm", algorithm, "-pkeyopt", option, "-out", private)
        openssl("genpkey", *words)
        openssl("pkey", "-in", private, "-pubout", "-out", public)
        pairs[name] = (private, public)
    return pairs


@pytest.fixture
def copy(bundle, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(bundle.folder, folder)
    return folder


@pytest.fixture(params=TOOLS)
def tool(request, monkeypatch):
    """Each that can check a signature; the package comes first where it is there."""
    if request.param == "cryptography":
        pytest.importorskip("cryptography")
    else:
        without_cryptography(monkeypatch)
    return TOOLS[request.param]


def without_cryptography(monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        verify.importlib.util,
        "find_spec",
        lambda name: None if name == "cryptography" else real(name),
    )


def refused(folder, key):
    """The line that refuses a bundle; nothing of it was read."""
    checks = verify.verify(folder, ["onnxruntime"], key=key)
    assert [(check.name, check.status) for check in checks] == [("signature", "failed")]
    assert "\n" not in checks[0].detail
    return checks[0].detail


def signed(folder, pair):
    signing.sign(folder, pair[0])
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_signature_is_taken_with_its_public_key(copy, keys, kind, tool):
    signed(copy, keys[kind])

    checks = verify.verify(copy, ["onnxruntime"], key=keys[kind][1])

    assert verify.passed(checks)
    expected = f"by the {kind} key [0-9a-f]{{16}}, checked with {tool}"
    assert re.fullmatch(expected, checks[0].detail)


@pytest.mark.parametrize("kind", KINDS)
def test_changed_manifest_is_refused(copy, keys, kind, tool):
    signed(copy, keys[kind])
    path = copy / "manifest.json"
    content = json.loads(path.read_text()) | {"created": "1970-01-01"}
    content["digest"] = verify.digest(content)
    path.write_text(verify.canonical(content))

    assert verify.passed(verify.verify(copy, ["onnxruntime"]))
    assert f"by the {kind} key" in refused(copy, keys[kind][1])


@pytest.mark.parametrize("kind", [*KINDS[1:], "stranger"])
def test_signature_of_another_key_is_refused(copy, keys, kind, tool):
    signed(copy, keys["Ed25519"])

    text = refused(copy, keys[kind][1])

    assert f"and is not: {tool} says '" in text
    assert "somebody else signed it" in text


@pytest.mark.parametrize("content", [b"", b"none", bytes(64), bytes(999)], ids=len)
@pytest.mark.parametrize("kind", KINDS)
def test_wrong_signature_is_refused(copy, keys, content, kind, tool):
    (copy / "manifest.json.sig").write_bytes(content)

    assert "must be a signature of manifest.json" in refused(copy, keys[kind][1])


def test_flipped_bits_of_a_signature_are_refused(copy, keys):
    signed(copy, keys["Ed25519"])
    path = copy / "manifest.json.sig"
    good = path.read_bytes()

    for place in range(0, 8 * len(good), 37):
        bad = bytearray(good)
        bad[place // 8] ^= 1 << place % 8
        path.write_bytes(bad)
        refused(copy, keys["Ed25519"][1])


def test_missing_signature_is_refused(copy, keys):
    text = refused(copy, keys["Ed25519"][1])

    assert "must be signed, and holds no manifest.json.sig. Ask who exported" in text


def test_signature_that_is_a_link_is_refused(copy, keys, tmp_path):
    signed(copy, keys["Ed25519"])
    (copy / "manifest.json.sig").rename(tmp_path / "s")
    (copy / "manifest.json.sig").symlink_to(tmp_path / "s")

    assert "holds no manifest.json.sig" in refused(copy, keys["Ed25519"][1])


def test_signature_without_end_is_not_read(copy, keys, monkeypatch):
    signed(copy, keys["Ed25519"])
    monkeypatch.setattr(verify, "_MAX_MANIFEST", 10)

    assert "must have at most 10 bytes" in refused(copy, keys["Ed25519"][1])


@pytest.mark.parametrize("text", ["", "ssh-ed25519 AAAA", "-----BEGIN PUBLIC KEY-----"])
def test_key_that_is_none_is_refused(copy, tmp_path, text):
    (tmp_path / "key").write_text(text)

    assert "must be one public key in PEM" in refused(copy, tmp_path / "key")


def test_private_and_missing_keys_do_not_verify(copy, keys, tmp_path):
    assert "must be one public key in PEM" in refused(copy, keys["Ed25519"][0])
    assert "must be a key. Received: " in refused(copy, tmp_path / "none.pem")


@pytest.mark.parametrize("body", ["MAA=", "MIIB", "A", "MCowBQYDK2VuAyEA" + "A" * 43])
def test_keys_of_other_kinds_are_refused(copy, tmp_path, body):
    text = f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"
    (tmp_path / "key").write_text(text)

    assert "must be" in refused(copy, tmp_path / "key")


def test_two_keys_in_one_file_are_refused(copy, keys, tmp_path):
    both = keys["Ed25519"][1].read_text() + keys["stranger"][1].read_text()
    (tmp_path / "both.pem").write_text(both)

    assert "must be one public key" in refused(copy, tmp_path / "both.pem")


def test_signature_needs_something_to_check_it_with(copy, keys, monkeypatch):
    signed(copy, keys["Ed25519"])
    without_cryptography(monkeypatch)
    monkeypatch.setattr(verify.shutil, "which", lambda _: None)

    text = refused(copy, keys["Ed25519"][1])

    assert text.endswith("must be there to check a signature. Received: neither")


def test_the_file_alone_checks_signatures(copy, keys, tmp_path):
    signed(copy, keys["Ed25519"])
    shutil.copy(verify.__file__, tmp_path / "verify.py")
    command = [sys.executable, "-I", "verify.py", str(copy), "--key"]

    codes = [
        subprocess.run(
            [*command, str(keys[name][1]), "--runtime", "onnxruntime"],
            cwd=tmp_path,
            capture_output=True,
        ).returncode
        for name in ("Ed25519", "stranger")
    ]

    assert codes == [0, 2]


@pytest.mark.parametrize("kind", KINDS)
def test_the_documented_command_checks_a_signature(copy, keys, kind):
    signed(copy, keys[kind])
    documented = re.findall(
        r"^openssl (?:.*\\\n)*.*", (ROOT / "docs" / "trust.md").read_text(), re.M
    )
    lines = [line.replace("\\\n", " ") for line in documented]
    line = next(one for one in lines if ("pkeyutl" in one) == (kind == "Ed25519"))
    words = [
        word.replace("BUNDLE", str(copy)).replace("PUBLIC.pem", str(keys[kind][1]))
        for word in line.split()
    ]

    assert subprocess.run(words, capture_output=True).returncode == 0
    (copy / "manifest.json").write_bytes(b"{}")
    assert subprocess.run(words, capture_output=True).returncode != 0


def test_signed_bundle_stays_readable(copy, keys):
    before = {path for path in copy.rglob("*") if path.is_file()}
    signed(copy, keys["Ed25519"])

    assert read_bundle(copy).manifest["files"]
    assert verify.passed(verify.verify(copy, ["onnxruntime"]))
    assert {p for p in copy.rglob("*") if p.is_file()} - before == {
        copy / "manifest.json.sig"
    }


def test_signature_is_replaced_by_a_later_one(copy, keys):
    signed(signed(copy, keys["stranger"]), keys["Ed25519"])

    assert verify.check_signature(copy, keys["Ed25519"][1])


def test_signed_bundle_is_not_exported_over(copy, keys):
    signed(copy, keys["Ed25519"])

    with pytest.raises(BundleError, match=r"holds 'manifest\.json\.sig'. Move that"):
        check_replaceable(copy)


@pytest.mark.parametrize("name", ["model_card.md", "notes.txt"])
def test_bundle_that_is_not_as_exported_is_not_signed(copy, keys, name):
    (copy / name).write_text("other")

    with pytest.raises(BundleError, match=name):
        signing.sign(copy, keys["Ed25519"][0])
    assert not (copy / "manifest.json.sig").exists()


def test_key_that_cannot_sign_is_refused(copy, keys, tmp_path):
    openssl("genpkey", "-algorithm", "X25519", "-out", tmp_path / "x.pem")

    with pytest.raises(SigningError, match="openssl pkey must accept the key"):
        signing.sign(copy, keys["Ed25519"][1])
    with pytest.raises(SigningError, match="must be a file with a private key"):
        signing.sign(copy, tmp_path / "none.pem")
    with pytest.raises(SigningError, match="one of Ed25519, ECDSA or RSA"):
        signing.sign(copy, tmp_path / "x.pem")


def test_signing_needs_openssl(copy, keys, monkeypatch):
    monkeypatch.setattr(signing.shutil, "which", lambda _: None)

    with pytest.raises(SigningError, match="openssl must be installed"):
        signing.sign(copy, keys["Ed25519"][0])


def test_signature_that_cannot_be_written_leaves_the_bundle(copy, keys, monkeypatch):
    before = sorted(copy.rglob("*"))

    def full(_):
        raise OSError("no space left")

    monkeypatch.setattr(signing.os, "fsync", full)

    with pytest.raises(SigningError, match=r"must be writable at .*no space left"):
        signing.sign(copy, keys["Ed25519"][0])
    assert sorted(copy.rglob("*")) == before
