"""A network of edges as a folder."""

import json

import pytest

from tests.trackdnn.graphs.edge_network import small
from trackdnn.errors import BadFileError
from trackdnn.graphs.edge_network import files


def test_description_tells_what_was_trained(network_folder):
    found = files.read(network_folder)

    assert found.settings == small.settings()
    assert found.inputs.node_names == ("r", "phi", "z")
    assert not found.masks
    assert not found.alone
    assert [row["epoch"] for row in found.history] == [1, 2]


def test_folder_of_a_finder_stands_for_its_network(network_folder):
    assert files.place_of(network_folder.parent) == network_folder
    assert files.place_of(network_folder) == network_folder


@pytest.mark.parametrize(
    "change",
    [
        {"format": "another"},
        {"settings": {"architecture": "magic"}},
        {"inputs": {"node_names": []}},
        {"history": None},
    ],
)
def test_descriptions_of_something_else_are_refused(network_folder, tmp_path, change):
    content = json.loads((network_folder / files.FILE).read_text())
    (tmp_path / files.FILE).write_text(json.dumps({**content, **change}))

    with pytest.raises(BadFileError, match="must describe a network of edges"):
        files.read(tmp_path)
