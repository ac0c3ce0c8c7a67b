"""`export-network` as users type it, on a finder with a network of random weights."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from export.graph_session import GraphSession
from tests.trackdnn.toy_events import toy_event
from trackdnn import cli
from trackdnn.events.writer import write_event
from trackdnn.graphs.edge_network.columns import EDGE_NAMES
from trackdnn.settings.finding import FindingSettings

OPTIONS = {"width": 8, "steps": 1, "decoder": (8, 8)}
BLOCK = {"enabled": True, "options": OPTIONS, "node_features": ["position"]}


def finder_of(folder, masks):
    """The folder of a finder that has a network."""
    from network.graph_builder import GraphBuilder
    from network.graph_inputs import GraphInputs
    from tests.export.graph_models import with_random_weights
    from trackdnn.graphs.edge_network import files
    from trackdnn.graphs.edge_network.columns import node_names
    from trackdnn.tracking.pipeline.folder import describe
    from trackdnn.tracking.pivots.training import MaskTraining

    branch = {"constructor": "neighbours", "filter": {"enabled": False}}
    branch |= {"network": BLOCK, "masks": {"enabled": masks, "width": 8, "blocks": 1}}
    settings = FindingSettings.model_validate(branch)
    inputs = GraphInputs(
        node_names=node_names(["position"]),
        node_lower=(0.0, -1.0, -1.0),
        node_upper=(1.0, 1.0, 1.0),
        edge_names=EDGE_NAMES,
        edge_lower=(-5.0,) * len(EDGE_NAMES),
        edge_upper=(5.0,) * len(EDGE_NAMES),
    )
    options = MaskTraining(settings.masks).options if masks else None
    model = with_random_weights(
        GraphBuilder(settings.network, masks=options).build(inputs)
    )
    files.write(
        folder / "network",
        model,
        settings=settings.network,
        inputs=inputs,
        masks=masks,
        history=[],
    )
    describe(folder, settings, {"seed": 1})
    return folder


@pytest.fixture(scope="module")
def finder(tmp_path_factory):
    return finder_of(tmp_path_factory.mktemp("finders") / "finder", masks=False)


def left(finder, output, *words):
    return cli.main(["export-network", str(finder), str(output), *words])


@pytest.mark.slow
@pytest.mark.parametrize("masks", [False, True])
def test_export_network_writes_what_the_finder_runs(masks, tmp_path, capsys):
    finder = finder_of(tmp_path / "finder", masks)

    code = left(finder, tmp_path / "left")
    printed = capsys.readouterr()

    assert code == 0, printed.err
    assert printed.out.splitlines()[-1] == str(tmp_path / "left")
    assert "1, 2, 4: equal" in printed.out
    manifest = json.loads((tmp_path / "left/manifest.json").read_text("utf-8"))
    columns = manifest["inputs"]["edge_features"]["columns"]
    assert columns[6]["name"] == "dr"
    assert (columns[6]["formula"], columns[6]["unit"]) == ("r2 - r1", "mm")
    assert all(column["formula"] for column in columns)
    assert all(column["formula"] for column in manifest["inputs"]["nodes"]["columns"])
    # Those that this network was made for, not all that there are.
    assert [column["name"] for column in columns] == list(EDGE_NAMES)
    assert manifest["network"]["architecture"] == "interaction"
    own = GraphSession(finder / "network/edges.onnx")
    exported = GraphSession(tmp_path / "left/edges.onnx")
    rng = np.random.default_rng(1)
    graph = {
        "nodes": rng.normal(size=(30, 3)).astype("f4"),
        "edge_index": rng.integers(0, 30, (2, 99)),
        "edge_features": rng.normal(size=(99, len(columns))).astype("f4"),
    }
    found, wanted = exported(graph)["score"], own(graph)["score"]
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert list(exported.outputs) == ["score"]


@pytest.mark.slow
def test_export_network_refuses_weights_of_another_training(tmp_path, finder, capsys):
    other = shutil.copytree(finder, tmp_path / "other")
    moved = finder_of(tmp_path / "moved", masks=False)
    path = other / "network/network.weights.h5"
    _other_weights(moved, path)
    _with_new_checksums(other)

    code = left(other, tmp_path / "left")

    assert code == 2
    said = capsys.readouterr().err
    assert "network.weights.h5' must be the weights of edges.onnx beside it" in said
    assert not (tmp_path / "left").exists()


def test_export_network_refuses_a_finder_without_network(tmp_path, capsys):
    from trackdnn.tracking.pipeline.folder import describe

    (tmp_path / "finder").mkdir()
    describe(tmp_path / "finder", FindingSettings(), {})

    code = left(tmp_path / "finder", tmp_path / "left")

    assert code == 2
    said = capsys.readouterr().err
    assert "must be a finder with a network of edges" in said
    assert "--set finding.network.enabled=true" in said


def test_export_network_refuses_what_is_no_finder(tmp_path, capsys):
    write_event(tmp_path / "events", toy_event(3), compress=False)

    assert left(tmp_path / "events", tmp_path / "left") == 2
    assert "must be the folder of a finder" in capsys.readouterr().err


def _other_weights(finder, path):
    """Weights of the same network with other numbers."""
    import h5py

    shutil.copy(finder / "network/network.weights.h5", path)
    with h5py.File(path, "r+") as file:
        file.visititems(lambda _, item: _double(item))


def _double(item):
    if hasattr(item, "shape"):
        item[...] = item[...] * 2


def _with_new_checksums(finder):
    from trackdnn.data.prepared.atomic import checksum

    path = finder / "finder.json"
    content = json.loads(path.read_text("utf-8"))
    content["files"] = {name: checksum(finder / name) for name in content["files"]}
    path.write_text(json.dumps(content), encoding="utf-8")
