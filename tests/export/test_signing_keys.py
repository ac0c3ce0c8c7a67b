"""A new pair of keys: for its owner alone, and never in place of something."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from export import signing, verify
from export.errors import SigningError

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the program openssl is not here"
)


def test_new_key_is_of_its_owner_alone(tmp_path):
    private, public = signing.new_key(tmp_path / "lab.pem")

    assert (private.name, public.name) == ("lab.pem", "lab.pub.pem")
    assert private.stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE" not in public.read_bytes()
    assert verify.public_key(public)[0] == "Ed25519"


@pytest.mark.parametrize("taken", ["lab.pem", "lab.pub.pem"])
def test_new_key_overwrites_nothing(tmp_path, taken):
    (tmp_path / taken).write_text("precious")

    with pytest.raises(SigningError, match=f"{taken}, which is there already"):
        signing.new_key(tmp_path / "lab")
    assert [path.name for path in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text() == "precious"


@pytest.mark.parametrize(
    ("step", "taken", "left"),
    [
        ("genpkey", "lab.pem", {"lab.pem"}),
        # A private key whose public one could not be written is of no use.
        ("pkey", "lab.pub.pem", {"lab.pub.pem"}),
    ],
)
def test_file_that_appears_meanwhile_is_kept(tmp_path, monkeypatch, step, taken, left):
    real = signing._openssl

    def slow(*words, **options):
        if words[0] == step:
            (tmp_path / taken).write_text("precious")
        return real(*words, **options)

    monkeypatch.setattr(signing, "_openssl", slow)

    with pytest.raises(SigningError, match=f"must be writable at .*{taken}"):
        signing.new_key(tmp_path / "lab")
    assert {path.name for path in tmp_path.iterdir()} == left
    assert (tmp_path / taken).read_text() == "precious"


def test_new_key_does_not_follow_a_link(tmp_path):
    (tmp_path / "lab.pem").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SigningError, match="is there already"):
        signing.new_key(tmp_path / "lab")
    assert not (tmp_path / "elsewhere").exists()


def test_new_key_needs_a_folder(tmp_path):
    with pytest.raises(SigningError, match=r"must be writable at .*lab\.pem"):
        signing.new_key(tmp_path / "none" / "lab")


@pytest.mark.parametrize("name", ["", "."])
def test_new_key_has_a_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SigningError, match="must end in a name"):
        signing.new_key(Path(name))
    assert not list(tmp_path.iterdir())
