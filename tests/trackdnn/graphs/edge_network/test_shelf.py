"""Units on disk."""

import numpy as np
import pytest

from trackdnn.graphs.edge_network.shelf import Shelf


@pytest.fixture
def unit():
    return {"nodes": np.ones((3, 2), "f4"), "senders": np.arange(4, dtype="i4")}


def test_what_is_put_is_there(tmp_path, unit):
    shelf = Shelf(tmp_path / "units")
    shelf.put(7, unit)

    assert 7 in shelf
    assert 6 not in shelf
    found = shelf.get(7)
    assert set(found) == set(unit)
    for name, array in unit.items():
        np.testing.assert_array_equal(found[name], array)
    assert list(shelf.get(7, ("senders",))) == ["senders"]


def test_half_a_unit_is_made_again(tmp_path, unit, monkeypatch):
    shelf = Shelf(tmp_path)

    def fail(path, array, **_):
        if "senders" in path.name:
            raise OSError("disk full")
        path.write_bytes(array.tobytes())

    with monkeypatch.context() as patch:
        patch.setattr(np, "save", fail)
        with pytest.raises(OSError, match="disk full"):
            shelf.put(1, unit)
    assert 1 not in shelf

    shelf.put(1, unit)
    assert set(shelf.get(1)) == set(unit)
