"""One event to its files; the record comes last."""

import json

import pytest

from tests.trackdnn.events.store.conftest import ToySource, contents
from trackdnn.data.prepared.atomic import checksum
from trackdnn.errors import BadFileError
from trackdnn.events.store.manifest import EventRecord
from trackdnn.events.store.worker import Job, stamps_of, store_event


def job_of(source, folder):
    return Job(folder, source, stamps_of(source))


def test_record_tells_of_the_files(toys, tmp_path):
    record = store_event(job_of(toys[0], tmp_path / "out"))

    found = contents(tmp_path / "out")
    assert set(found) == {
        "hits/event000000001.arrow",
        "particles/event000000001.arrow",
        "records/event000000001.json",
    }
    for file in record.files:
        assert file.bytes == len(found[file.path])
        assert file.sha256 == checksum(tmp_path / "out" / file.path)
    written = found["records/event000000001.json"]
    assert EventRecord.model_validate(json.loads(written)) == record


def test_record_counts_hits_and_particles(toys, tmp_path):
    event = toys[0].load()

    record = store_event(job_of(toys[0], tmp_path))

    assert record.hits.rows == len(event)
    assert record.particles.rows == 30
    assert record.noise == 7
    assert record.with_hits == (event.particles.hits > 0).sum()
    assert record.fast == (event.particles.pt > 0.9).sum()


def test_record_without_truth_counts_no_particles(toys, tmp_path):
    record = store_event(job_of(toys[2], tmp_path))

    assert record.particles is None
    assert (record.noise, record.with_hits, record.fast) == (None, None, None)


@pytest.mark.parametrize("then", ["good", "bad"])
def test_file_that_changes_meanwhile_is_named(toys, tmp_path, monkeypatch, then):
    load = ToySource.load

    def slow(self):
        self.path.write_text(self.path.read_text() + " ")
        if then == "bad":
            raise BadFileError("half a file")
        return load(self)

    monkeypatch.setattr(ToySource, "load", slow)

    with pytest.raises(BadFileError, match=r"must not change while it is read") as told:
        store_event(job_of(toys[0], tmp_path / "out"))

    assert str(toys[0].path) in str(told.value)
    assert not (tmp_path / "out").exists()
