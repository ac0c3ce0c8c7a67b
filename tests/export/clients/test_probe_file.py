from __future__ import annotations

import dataclasses
import struct
import subprocess
import zlib

import numpy as np
import pytest

from export.clients.build import SOURCES
from export.clients.node import find_node
from export.clients.probe_file import ClientProbe, probe_of, write_probe_file
from export.errors import ClientError, MissingToolError


@pytest.fixture
def content(probe, tmp_path):
    write_probe_file(tmp_path / "probe.bin", probe)
    return (tmp_path / "probe.bin").read_bytes()


def sealed(content: bytes) -> bytes:
    """The bytes of a probe with a checksum that fits."""
    return content[:-4] + struct.pack("<I", zlib.crc32(content[:-4]))


def test_probe_file_is_laid_out_as_documented(probe, content):
    assert content[:8] == b"TRKPROBE"
    assert struct.unpack("<4I", content[8:24]) == (1, 39, 3, 1)
    assert struct.unpack("<f", content[24:28])[0] == pytest.approx(1e-6)
    names = [content[32 + 96 * i : 128 + 96 * i].rstrip(b"\0") for i in range(5)]
    assert names == [b"x", b"y", b"Identity", b"score", b"score"]
    at = 512
    for array in (probe.features, probe.category, probe.reference):
        for value in array.ravel():
            assert struct.unpack("<f", content[at : at + 4])[0] == value
            at += 4
    assert content[at:] == struct.pack("<I", zlib.crc32(content[:at]))


def test_probe_file_can_be_without_reference(probe, tmp_path, reader):
    bare = dataclasses.replace(probe, reference=None)

    write_probe_file(tmp_path / "probe.bin", bare)

    content = (tmp_path / "probe.bin").read_bytes()
    assert len(content) == 512 + 4 * 39 * 4 + 4
    assert struct.unpack("<I", content[20:24]) == (0,)
    assert reader(content) is None


def test_probe_of_a_bundle_has_its_names_and_tolerance(bundle):
    probe = probe_of(bundle)

    assert (probe.feature_input, probe.category_input) == ("x", "y")
    assert (probe.frozen_graph, probe.saved_model, probe.onnx) == (
        *("Identity", "score", "score"),
    )
    assert probe.tolerance == 1e-6
    with np.load(bundle.probe) as arrays:
        np.testing.assert_array_equal(probe.reference, arrays["score"])


def test_probe_of_a_bundle_without_probe_is_refused(bundle, tmp_path):
    (tmp_path / "probe.npz").write_bytes(b"")

    with pytest.raises(ClientError, match=r"probe.npz must hold the arrays"):
        probe_of(dataclasses.replace(bundle, folder=tmp_path))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": np.zeros(3, np.float32)}, "Received: shapes"),
        ({"category": np.zeros((39, 2), np.float32)}, "Received: shapes"),
        ({"features": np.zeros((0, 3), np.float32)}, "must hold rows of features"),
        ({"reference": np.full((39, 1), np.nan, np.float32)}, "must be finite"),
        ({"onnx": ""}, "must have 1 to 95 bytes. Received: ''"),
        ({"onnx": "s" * 96}, "must have 1 to 95 bytes"),
    ],
)
def test_probe_that_does_not_fit_is_refused(probe, tmp_path, change, message):
    with pytest.raises(ClientError, match=message):
        write_probe_file(tmp_path / "p.bin", dataclasses.replace(probe, **change))

    assert list(tmp_path.iterdir()) == []


def test_c_reader_takes_a_sound_probe(content, reader):
    assert reader(content) is None


def test_c_reader_refuses_every_truncation(content, reader):
    assert all(reader(content[:size]) for size in range(len(content)))
    assert reader(content + b"\0") == "wrong size"


def test_c_reader_refuses_every_flipped_bit(content, reader):
    for at in range(8 * len(content)):
        damaged = bytearray(content)
        damaged[at // 8] ^= 1 << at % 8

        assert reader(bytes(damaged)), at


@pytest.mark.parametrize(
    ("at", "value", "fault"),
    [
        (0, b"PK", "other first bytes"),
        (8, b"\2", "another version"),
        (12, b"\0\0\0\0", "wrong size"),
        (12, b"\xff\xff\xff\xff\xff\xff\xff\xff", "wrong size"),
        (16, b"\0\0\0\0", "wrong size"),
        (512, b"\1", "another checksum"),
    ],
)
def test_c_reader_says_what_is_wrong(content, reader, at, value, fault):
    assert reader(content[:at] + value + content[at + len(value) :]) == fault


@pytest.mark.parametrize("name", [b"\0" * 96, b"n" * 96])
def test_c_reader_wants_names_with_an_end(content, reader, name):
    assert reader(sealed(content[:32] + name + content[128:])) == (
        "a name without an end"
    )


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda content: b"", "too few bytes"),
        (lambda content: content[:-1], "wrong size"),
        (lambda content: b"PK" + content[2:], "other first bytes"),
        (lambda content: content[:8] + b"\2" + content[9:], "another version"),
        (lambda content: content[:600] + b"\1" + content[601:], "another checksum"),
    ],
)
def test_node_client_refuses_a_damaged_probe(content, tmp_path, damage, fault):
    try:
        node = find_node()
    except MissingToolError as error:
        pytest.skip(str(error))
    path = tmp_path / "damaged.bin"
    path.write_bytes(damage(content))

    done = subprocess.run(
        [node, SOURCES / "onnx_node.js", "model.onnx", path],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"error: {path} must be a probe for clients. Received: {fault}\n"
    )


def test_probe_takes_defaults_of_the_exporter():
    probe = ClientProbe(features=np.zeros((1, 1)), category=np.zeros((1, 1)))

    assert (probe.feature_input, probe.frozen_graph, probe.reference) == (
        *("x", "Identity", None),
    )
