"""A bundle or a run that lies about its own files."""

from __future__ import annotations

import json
import os

import pytest

ONNX = ("--runtime", "onnxruntime")


@pytest.fixture
def refused_bundle(bundle, refused, tmp_path):
    """A function that shows a bundle to every command that reads one."""

    def run(what):
        scores = tmp_path / "scores.root"
        doors = [
            ["verify", bundle, *ONNX],
            ["inspect", bundle],
            ["infer", bundle, "none.root", "-o", scores],
            ["targets", bundle],
            ["sign", bundle, "--key", "none.pem"],
        ]
        for words in doors:
            assert what in refused(*words), words
        assert not scores.exists()

    return run


@pytest.mark.parametrize(
    "name", ["../secret", "saved_model/../../secret", "/etc/hostname", "..", ".", ""]
)
def test_names_outside_the_bundle(bundle, reseal, refused_bundle, tmp_path, name):
    (tmp_path / "secret").write_text("secret")
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    reseal(bundle, files={**files, name: {"bytes": 6, "sha256": "0" * 64}})

    refused_bundle("must name files of the bundle only")


@pytest.mark.parametrize("name", ["model.onnx", "probe.npz", "saved_model"])
def test_linked_files(bundle, reseal, refused_bundle, tmp_path, name):
    (bundle / name).rename(tmp_path / "secret")
    (bundle / name).symlink_to(tmp_path / "secret")
    reseal(bundle)

    refused_bundle("itself, and holds a link")


def test_linked_manifest(bundle, refused_bundle, tmp_path):
    (bundle / "manifest.json").rename(tmp_path / "secret")
    (bundle / "manifest.json").symlink_to(tmp_path / "secret")

    refused_bundle("must hold a manifest.json")


def test_link_back_to_the_bundle_itself(bundle, refused):
    (bundle / "again").symlink_to(bundle)

    assert "must not hold 'again'" in refused("verify", bundle, *ONNX)


def test_files_that_tensorflow_would_prefer(bundle, refused_bundle):
    (bundle / "saved_model" / "saved_model.cpb").write_bytes(b"")

    refused_bundle("must not hold 'saved_model/saved_model.cpb'")


@pytest.mark.parametrize("text", ['{"a":' * 50_000, "[" * 100_000, '{"a": NaN}', "\0"])
def test_manifests_that_are_no_json(bundle, refused_bundle, text):
    (bundle / "manifest.json").write_text(text)

    refused_bundle("must be readable JSON")


def test_pipe_in_place_of_a_file(bundle, refused_bundle):
    (bundle / "model.onnx").unlink()
    os.mkfifo(bundle / "model.onnx")

    refused_bundle("must hold 'model.onnx', which is missing")


def test_what_is_written_is_no_more_open_than_it_has_to_be(bundle, tmp_path):
    """Keys are for their owner; the rest follows the umask and is never executable."""
    from export import signing

    old = os.umask(0o077)
    try:
        private, public = signing.new_key(tmp_path / "key")
        signing.sign(bundle, private)
    finally:
        os.umask(old)

    modes = {p.stat().st_mode & 0o777 for p in (private, bundle / "manifest.json.sig")}
    assert modes == {0o600}
    assert public.stat().st_mode & 0o111 == 0


@pytest.mark.parametrize("name", ["settings.yaml", "model.weights.h5"])
def test_files_of_a_run_are_those_of_its_manifest(run, refused, name):
    (run / name).write_bytes((run / name).read_bytes() + b"\n")

    assert f"{name} must be the file that was trained" in refused("export", run)
