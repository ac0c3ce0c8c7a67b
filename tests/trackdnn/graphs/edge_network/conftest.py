"""A network that is trained once."""

import pytest

from tests.trackdnn.graphs.edge_network import small


@pytest.fixture(scope="session")
def network_folder(tmp_path_factory):
    """Folder of a small trained network."""
    folder = tmp_path_factory.mktemp("networks") / "network"
    small.training(folder).run()
    return folder
