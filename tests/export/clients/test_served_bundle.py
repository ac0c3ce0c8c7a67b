"""Every client that can be built here, on a bundle that was just exported."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
import tarfile

import numpy as np
import pytest

from export.clients import build as building
from export.clients.build import CLIENTS, SOURCES, build
from export.clients.probe_file import probe_of, write_probe_file
from export.clients.run import OK, SKIPPED, check_clients, run_client
from export.clients.runtimes import ONNX_HEADER, ONNX_INCLUDE
from export.errors import ClientError, MissingToolError
from export.exporter import ModelExporter

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

# ONNX Runtime's wheel has no headers. This package for a game engine holds those of
# release 1.29 as they are; the library stays that of the wheel.
HEADERS = ("com.github.asus4.onnxruntime", "0.4.9")


@pytest.fixture(scope="module", autouse=True)
def onnx_headers(tmp_path_factory):
    """ONNX Runtime's headers from npm, where none are named."""
    if ONNX_INCLUDE in os.environ or not shutil.which("npm"):
        yield
        return
    folder = tmp_path_factory.mktemp("headers")
    words = ["npm", "pack", "--silent", "@".join(HEADERS)]
    done = subprocess.run(words, cwd=folder, capture_output=True, timeout=600)
    if done.returncode == 0:
        with tarfile.open(next(folder.glob("*.tgz"))) as archive:
            for member in archive:
                place = member.name.rpartition("/")
                if place[0].endswith("simulator/onnxruntime.framework/Headers"):
                    content = archive.extractfile(member).read()
                    (folder / place[2]).write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        if (folder / ONNX_HEADER).is_file():
            patch.setenv(ONNX_INCLUDE, str(folder))
        yield


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def programs(cache, onnx_headers):
    """A function that gives a client, or skips the test with the reason."""

    def give(name):
        try:
            return build(name, cache, fetch=True)
        except MissingToolError as error:
            pytest.skip(str(error))

    return give


@pytest.fixture(scope="module")
def probe_path(bundle, tmp_path_factory):
    path = tmp_path_factory.mktemp("probe") / "probe.bin"
    write_probe_file(path, probe_of(bundle))
    return path


@pytest.fixture(scope="module")
def other_bundle(make_model, spec, options, tracks, tmp_path_factory):
    """A network that differs from that of `bundle` in one weight."""
    model = make_model(spec)
    dense = model.layers[-1]
    kernel, bias = dense.get_weights()
    kernel[0, 0] += 0.01
    dense.set_weights([kernel, bias])
    folder = tmp_path_factory.mktemp("other") / "bundle"
    return ModelExporter(options()).export(model, spec, folder, sample=tracks)


def test_every_client_gives_the_scores_of_the_probe(bundle, cache, probe_path, capsys):
    found = list(check_clients(bundle, cache, threads=(1, 4), fetch=True))

    # What `make test-deploy` is for.
    lines = ["", "client, threads: max |difference|, or why it was skipped"]
    for one in found:
        told = one.reason or f"{one.report['max_difference']:.2g}"
        lines.append(f"  {one.client}, {one.threads}: {told}")
    with capsys.disabled():
        sys.stdout.write("\n".join([*lines, ""]))
    assert [one for one in found if one.status not in (OK, SKIPPED)] == []
    ran = {one.client for one in found if one.status == OK}
    assert ran >= {"tf_session", "tf_c_api", "saved_model"}
    for one in found:
        if one.status == OK:
            assert one.report["max_difference"] <= 1e-6
            assert one.report["rows"] == len(probe_of(bundle).features)


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_find_a_changed_weight(programs, other_bundle, probe_path, name):
    program = programs(name)
    model = getattr(other_bundle, CLIENTS[name].artifact)

    with pytest.raises(
        ClientError, match=r"must give the scores of the probe to 1e-0?6"
    ):
        run_client(program, model, probe_path, threads=2)


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_refuse_what_is_no_model(programs, probe_path, name):
    program = programs(name)

    done = subprocess.run(
        [*program.command, str(SOURCES / "client.h"), str(probe_path)],
        env={**os.environ, **program.environment},
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith("error: ")


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_refuse_a_damaged_probe(programs, bundle, probe_path, tmp_path, name):
    damaged = tmp_path / "probe.bin"
    content = bytearray(probe_path.read_bytes())
    content[1000] ^= 1
    damaged.write_bytes(content)
    model = getattr(bundle, CLIENTS[name].artifact)

    with pytest.raises(
        ClientError, match=r"probe for clients. Received: another check"
    ):
        run_client(programs(name), model, damaged)


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_miss_a_tensor_by_its_name(programs, bundle, tmp_path, name):
    path = tmp_path / "probe.bin"
    wrong = dict.fromkeys(("frozen_graph", "saved_model", "onnx"), "nowhere")
    write_probe_file(path, dataclasses.replace(probe_of(bundle), **wrong))
    model = getattr(bundle, CLIENTS[name].artifact)

    with pytest.raises(ClientError, match="nowhere"):
        run_client(programs(name), model, path)


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize("batch", [1, 4096])
def test_clients_time_any_batch_without_reference(
    programs, bundle, tmp_path, name, batch
):
    path = tmp_path / "probe.bin"
    write_probe_file(path, dataclasses.replace(probe_of(bundle), reference=None))
    model = getattr(bundle, CLIENTS[name].artifact)

    report = run_client(programs(name), model, path, batch=batch, repeat=2)

    assert report["max_difference"] is None
    assert report["batch"] == batch
    assert report["microseconds_per_track"] > 0
    assert 0 < report["memory_before"] < report["memory_loaded"]


@pytest.mark.parametrize("name", [n for n in CLIENTS if n != "onnx_node"])
def test_sources_compile_without_a_warning(programs, name):
    programs(name)
    client = CLIENTS[name]
    command = building.compile_command(
        SOURCES / client.source,
        client.runtime(),
        building.find_compiler(client.source),
    )

    done = subprocess.run(
        [*command, "-Werror", "-fsyntax-only"], capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_probe_holds_more_than_a_batch(bundle):
    assert len(probe_of(bundle).features) > 16
    assert not np.isfinite(probe_of(bundle).features).all()
