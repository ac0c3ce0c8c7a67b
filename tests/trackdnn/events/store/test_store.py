"""An open store: lazy, by name and by position, in any process."""

import concurrent.futures
import multiprocessing
import resource

import numpy as np
import pytest

from tests.trackdnn.events.store.conftest import assert_same_event
from trackdnn.errors import BadFileError, InputError
from trackdnn.events.store.store import open_store


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


def test_load_does_not_read_the_file(store, tmp_path):
    """Pages come when values are looked at: fewer faults than pages."""
    record = store.manifest.events[0]
    page = resource.getpagesize()
    rows = 400 * page // 8
    big = _grown(store, rows)
    big.load()
    before = resource.getrusage(resource.RUSAGE_SELF)

    event = big.load()

    after = resource.getrusage(resource.RUSAGE_SELF)
    assert len(event) == rows
    assert after.ru_minflt - before.ru_minflt < 400
    assert record.hits.rows < rows


def _grown(store, rows):
    """A source with many hits."""
    import dataclasses

    from trackdnn.events.event import Event, Hits
    from trackdnn.events.store.tables import hits_file

    zeros = {"x": "f4", "y": "f4", "z": "f4", "volume": "i4"}
    zeros |= {"layer": "i4", "module": "i4"}
    hits = Hits(
        hit_id=np.arange(rows),
        **{name: np.zeros(rows, kind) for name, kind in zeros.items()},
    )
    source = store.source("event000000003")
    content = hits_file(Event(name="big", hits=hits))
    (store.folder / source.record.hits.path).write_bytes(content)
    file = source.record.hits.model_copy(update={"rows": rows, "bytes": len(content)})
    return dataclasses.replace(
        source, record=source.record.model_copy(update={"hits": file})
    )


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
