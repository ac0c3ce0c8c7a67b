import pytest

from trackdnn.errors import OutputError
from trackdnn.training.trackers.record import RECORD, Record, read_record, record_of


def test_id_is_made_once(tmp_path):
    first = record_of(tmp_path, "wandb")

    assert record_of(tmp_path, "wandb") == first
    assert len(first.id) == 8
    assert first.rows == 0


def test_record_reads_back(tmp_path):
    Record("wandb", "abc", 7).write(tmp_path)

    assert read_record(tmp_path) == Record("wandb", "abc", 7)
    assert record_of(tmp_path, "wandb", "abc").rows == 7


@pytest.mark.parametrize(("tracker", "wanted"), [("wandb", "other"), ("else", None)])
def test_another_run_there_knows_no_epochs(tmp_path, tracker, wanted):
    Record("wandb", "abc", 7).write(tmp_path)

    found = record_of(tmp_path, tracker, wanted)

    assert found.rows == 0
    assert found.id != "abc"
    assert read_record(tmp_path) == found


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"tracker": "wandb"}'])
def test_what_is_no_record_is_none(tmp_path, text):
    (tmp_path / RECORD).write_text(text)

    assert read_record(tmp_path) is None


def test_record_says_where_it_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="must be writable"):
        Record("wandb", "abc").write(tmp_path / "file")
