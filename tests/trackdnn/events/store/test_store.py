"""An open store: lazy, by name and by position, in any process."""

import concurrent.futures
import dataclasses
import hashlib
import multiprocessing
import re
from pathlib import Path

import numpy as np
import pytest

from tests.trackdnn.events.store.conftest import assert_same_event
from trackdnn.errors import BadFileError, InputError
from trackdnn.events.event import Event, Hits
from trackdnn.events.store import store as module
from trackdnn.events.store.store import open_store
from trackdnn.events.store.tables import hits_file

SMAPS = Path("/proc/self/smaps")


def test_store_gives_events_by_position_and_by_name(store, toys):
    assert len(store) == 5
    assert store.names == tuple(toy.name for toy in toys)
    assert_same_event(store[1], toys[1].load())
    assert_same_event(store[-1], toys[-1].load())
    assert_same_event(store["event000000003"], toys[2].load())


def test_store_names_what_it_has_not(store):
    with pytest.raises(InputError, match="Did you mean 'event000000001'"):
        store["event00000001"]
    with pytest.raises(IndexError):
        store[5]


def hits_of(source):
    return source.name, len(source.load())


def test_sources_load_in_other_processes(store):
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=spawn) as pool:
        found = list(pool.map(hits_of, store.sources()[:2]))

    assert found == [(one.name, len(one)) for one in list(store)[:2]]


def test_sources_read_nothing_before_they_load(store):
    sources = store.sources()
    for path in sources[0].files:
        path.unlink()

    assert sources[0].name == "event000000001"
    with pytest.raises(BadFileError, match="No such file"):
        sources[0].load()


@pytest.mark.skipif(not SMAPS.exists(), reason="only Linux tells of maps")
def test_load_maps_the_file_and_does_not_read_it(store):
    big = _grown(store, rows=500_000)
    bytes_of_file = big.files[0].stat().st_size

    event = big.load()

    size, resident = _mapped(big.files[0])
    assert len(event) == 500_000
    assert size >= bytes_of_file
    # The ends, and what the system reads ahead around them.
    assert resident < bytes_of_file / 2
    assert event.hits.hit_id.sum() == 500_000 * 499_999 // 2
    assert _mapped(big.files[0])[1] > resident


def _mapped(path):
    """Bytes of a file that are mapped into this process, and those it has touched."""
    text = SMAPS.read_text()
    part = text[text.index(str(path)) :]
    found = (re.search(rf"{name}: +(\d+) kB", part) for name in ("Size", "Rss"))
    return tuple(1024 * int(each.group(1)) for each in found)


def _grown(store, rows):
    """A source with many hits."""
    zeros = {"x": "f4", "y": "f4", "z": "f4", "volume": "i4"}
    zeros |= {"layer": "i4", "module": "i4"}
    hits = Hits(
        hit_id=np.arange(rows),
        **{name: np.zeros(rows, kind) for name, kind in zeros.items()},
    )
    source = store.source("event000000003")
    content = hits_file(Event(name="big", hits=hits))
    (store.folder / source.record.hits.path).write_bytes(content)
    file = source.record.hits.model_copy(
        update={
            "rows": rows,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    )
    return dataclasses.replace(
        source, record=source.record.model_copy(update={"hits": file})
    )


@pytest.mark.parametrize("table", [0, 1])
def test_load_refuses_a_value_that_changed(store, table):
    source = store.sources()[1]
    path = source.files[table]
    content = bytearray(path.read_bytes())
    # Within the columns: between the schema and the footer.
    middle = len(content) // 2
    content[middle : middle + 4] = np.float32(np.nan).tobytes()
    path.write_bytes(content)

    with pytest.raises(BadFileError, match=r"another SHA-256.*--fresh") as caught:
        source.load()

    assert str(path) in str(caught.value)


def test_load_compares_checksums_once(store, monkeypatch):
    read = []
    whole = module.checksum
    monkeypatch.setattr(
        module, "checksum", lambda path: read.append(path) or whole(path)
    )

    for _ in range(3):
        store[0]

    assert read == list(store.sources()[0].files)


def test_verify_passes_what_is_whole(store):
    store.verify()
    open_store(store.folder).verify()


def test_verify_names_a_byte_that_changed(store):
    path = store.sources()[1].files[1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    with pytest.raises(BadFileError, match=r"another SHA-256.*--fresh") as caught:
        store.verify()

    assert str(path) in str(caught.value)


def test_verify_names_a_file_that_is_gone(store):
    store.sources()[3].files[0].unlink()

    with pytest.raises(BadFileError, match=r"No such file.*prepare-events` again"):
        store.verify()


def test_open_store_refuses_an_unfinished_one(store):
    (store.folder / "manifest.json").rename(store.folder / "unfinished.json")

    with pytest.raises(BadFileError, match="must be finished"):
        open_store(store.folder)
