"""`sign`, and `verify --key`, as users type them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from export import signing
from trackdnn.cli import main

OLD = Path(__file__).parents[2] / "data" / "bundle_v1"

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the program openssl is not here"
)


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(OLD, tmp_path / "copy")


def test_keys_are_made_and_used_from_the_command_line(copy, tmp_path, capsys):
    name = str(tmp_path / "lab")

    assert main(["sign", str(copy), "--new-key", name]) == 0
    said = capsys.readouterr()
    paths = [f"{name}.pem", f"{name}.pub.pem", f"{copy}/manifest.json.sig"]
    assert said.out.splitlines() == paths
    assert "signed by the Ed25519 key" in said.err
    words = ["verify", str(copy), "--runtime", "onnxruntime", "--key"]
    assert main([*words, f"{name}.pub.pem"]) == 0
    assert capsys.readouterr().out.startswith("ok      signature: by the Ed25519 key")


def test_wrong_signature_ends_the_command_with_2(copy, tmp_path, capsys):
    stranger, _ = signing.new_key(tmp_path / "stranger")
    _, public = signing.new_key(tmp_path / "lab")
    signing.sign(copy, stranger)

    code = main(["verify", str(copy), "--key", str(public)])

    said = capsys.readouterr()
    assert code == 2
    assert len(said.out.splitlines()) == len(said.err.splitlines()) == 1
    assert said.err.startswith("error: signature: ")


@pytest.mark.parametrize(
    "words",
    [[], ["BUNDLE"], ["--key", "k"], ["BUNDLE", "--key", "k", "--new-key", "n"]],
    ids=len,
)
def test_command_must_be_told_what_to_sign_with(words, capsys):
    assert main(["sign", *words]) == 2

    assert "`sign` must be given a bundle and `--key" in capsys.readouterr().err


def test_command_warns_of_a_key_that_others_can_read(copy, tmp_path, capsys):
    signing.new_key(tmp_path / "open")
    (tmp_path / "open.pem").chmod(0o644)

    assert main(["sign", str(copy), "--key", str(tmp_path / "open.pem")]) == 0
    assert "others can read" in capsys.readouterr().err


def test_no_key_is_made_for_a_bundle_that_is_none(tmp_path, capsys):
    name = tmp_path / "lab"

    assert main(["sign", str(tmp_path / "nothing"), "--new-key", str(name)]) == 2
    assert "A bundle must be a folder" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
