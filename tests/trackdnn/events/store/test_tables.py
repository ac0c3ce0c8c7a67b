"""Tables of an event: the same back, without a copy, and damage is named."""

import pyarrow as pa
import pytest

from tests.trackdnn.events.store.conftest import assert_same_event
from trackdnn.errors import BadFileError
from trackdnn.events.store.tables import hits_file, particles_file, read_event


def test_events_come_back_as_they_were(store, toys):
    for toy, event in zip(toys, store, strict=True):
        assert_same_event(event, toy.load())


def test_arrays_are_views_of_the_file(store):
    event = store["event000000002"]
    before = pa.total_allocated_bytes()

    again = store["event000000002"]

    assert pa.total_allocated_bytes() == before
    for part in (event.hits.x, event.truth.weight, event.particles.pz, event.clusters):
        assert not part.flags.writeable
        assert not part.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        again.hits.x[0] = 1.0


def test_files_are_read_by_any_arrow_program(store, toys):
    path = store.folder / store.manifest.events[0].hits.path

    table = pa.ipc.open_file(path.read_bytes()).read_all()

    assert table.column("x").to_numpy().tolist() == toys[0].load().hits.x.tolist()
    assert table.field("x").metadata[b"unit"] == b"mm"


def test_same_event_gives_same_bytes(toys):
    one, two = toys[0].load(), toys[0].load()

    assert hits_file(one) == hits_file(two)
    assert particles_file(one.particles) == particles_file(two.particles)


def flip(content, place):
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


@pytest.mark.parametrize("part", ["hits", "particles"])
@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (lambda old: old[:-1], r"must hold [\d,]+ bytes"),
        (lambda old: b"", "Received: 0"),
        (lambda old: b"x" * len(old), "readable Arrow table"),
        (lambda old: flip(old, len(old) - 1), "readable Arrow table"),
    ],
)
def test_damaged_tables_are_named(store, part, damage, text):
    record = store.manifest.events[0]
    path = store.folder / getattr(record, part).path
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(BadFileError, match=text) as caught:
        read_event(store.folder, record)

    assert str(path) in str(caught.value)
    assert "prepare-events" in str(caught.value)


def test_missing_table_is_named(store):
    record = store.manifest.events[0]
    (store.folder / record.particles.path).unlink()

    with pytest.raises(BadFileError, match=r"event000000001\.arrow.*No such file"):
        read_event(store.folder, record)


def test_table_of_another_event_is_refused(store):
    first, second = store.manifest.events[:2]
    path = store.folder / first.hits.path
    path.write_bytes((store.folder / second.hits.path).read_bytes())
    file = first.hits.model_copy(update={"bytes": path.stat().st_size})

    with pytest.raises(BadFileError, match="the columns of this version"):
        read_event(store.folder, first.model_copy(update={"hits": file}))


def test_other_number_of_rows_is_refused(store):
    record = store.manifest.events[0]
    file = record.hits.model_copy(update={"rows": 3})

    with pytest.raises(BadFileError, match="must hold 3 rows"):
        read_event(store.folder, record.model_copy(update={"hits": file}))
