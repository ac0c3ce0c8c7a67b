"""What is malformed stands in test_malformed_events.py."""

import numpy as np
import pytest

from benchmarks.small_events import TRACKML, TRACKML_FILES, write_files
from trackdnn.errors import BadFileError
from trackdnn.events.cells_of_csv import read_cells, read_clusters
from trackdnn.events.trackml_tables import read_hits


@pytest.fixture
def folder(tmp_path):
    """The files of a whole event."""
    write_files(tmp_path / "event", TRACKML_FILES)
    return tmp_path / "event"


def _clusters(folder):
    hits = read_hits(folder / f"{TRACKML}-hits.csv")
    cells, modules = folder / f"{TRACKML}-cells.csv", folder / "detectors.csv"
    return read_clusters(cells, modules, hits)


def test_cells_are_read_as_they_are(folder):
    cells = read_cells(folder / f"{TRACKML}-cells.csv")

    assert cells.hit_id.tolist() == [1, 1, 2, 3, 4, 4, 5, 6]
    assert (cells.ch0[1], cells.ch1[1], cells.value[1]) == (199, 693, 0.125)


def test_clusters_are_in_the_order_of_the_hits(folder):
    clusters = _clusters(folder)

    assert clusters.shape == (6, 9)
    np.testing.assert_allclose(clusters[0, [0, 1]], [2, 0.375])
    np.testing.assert_allclose(clusters[0, 4:7], [0.1, 0.05625, 0.3], rtol=1e-6)
    np.testing.assert_allclose(clusters[1, 0], 1)


def test_module_that_is_not_listed_is_named(folder):
    path = folder / "detectors.csv"
    path.write_text(path.read_text().replace("8,4,1", "8,4,7"))

    with pytest.raises(BadFileError, match="no volume_id 8, layer_id 4, module_id 1"):
        _clusters(folder)


def test_hits_off_their_module_tell_of_another_detector(folder):
    path = folder / "detectors.csv"
    path.write_text(path.read_text().replace("8,4,1,72,0", "8,4,1,72,50"))

    with pytest.raises(BadFileError, match="must be of the detector that saw the hits"):
        _clusters(folder)
