"""A store holds what the sources give, in however many steps it was made."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.small_events import TRACKML_FILES, write_files
from tests.trackdnn.events.store.conftest import (
    ToySource,
    assert_same_event,
    contents,
    write_toy,
)
from trackdnn.errors import BadFileError, DatasetError, InputError
from trackdnn.events.open import open_events
from trackdnn.events.store.prepare import prepare_events
from trackdnn.events.store.store import open_store

ROOT = Path(__file__).parents[4]
# Folder with events of the TrackML challenge: `mini_event` and `barrel_event1000`.
REAL = Path(os.environ.get("TRACKDNN_TRACKML", "nowhere"))
# Kills its own process at the n-th file that takes its name.
DIE = """
import os, signal, sys
from pathlib import Path
from tests.trackdnn.events.store.conftest import ToySource
from trackdnn.events.store.prepare import prepare_events
left, original = int(sys.argv[1]), Path.replace
def replace(self, target):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(self, target)
Path.replace = replace
toys = [ToySource(path) for path in sorted(Path(sys.argv[2]).glob("*.json"))]
prepare_events(toys, Path(sys.argv[3]), workers=1, progress=False)
"""


def said(toys, folder, **options):
    """The remark of a preparation."""
    lines = []
    prepare_events(toys, folder, workers=1, progress=False, say=lines.extend, **options)
    return lines[0]


def test_prepare_leaves_tables_and_a_manifest(store):
    names = [f"event{number:09d}.arrow" for number in range(1, 6)]

    assert set(contents(store.folder)) == {
        "manifest.json",
        *(f"hits/{name}" for name in names),
        *(f"particles/{name}" for name in names if name != "event000000003.arrow"),
    }


def test_prepare_does_not_depend_on_the_workers(store, toys, tmp_path):
    prepare_events(toys, tmp_path / "two", workers=2, progress=False)

    assert contents(tmp_path / "two") == contents(store.folder)


def test_prepare_again_touches_nothing(store, toys):
    path = store.folder / "manifest.json"
    before = path.stat().st_mtime_ns

    assert said(toys, store.folder) == "events: 5 kept"
    assert path.stat().st_mtime_ns == before


# Between the tables of an event, before its record, and before the manifest.
@pytest.mark.parametrize(
    ("survived", "words"),
    [(2, "5 new"), (11, "3 kept, 2 new"), (15, "5 kept")],
)
def test_prepare_goes_on_after_a_kill(store, toys, tmp_path, survived, words):
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", DIE, str(survived), toys[0].path.parent, out],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (out / "manifest.json").exists()
    with pytest.raises(BadFileError, match="must be finished"):
        open_store(out)

    assert said(toys, out) == f"events: {words}"
    assert contents(out) == contents(store.folder)


def test_prepare_goes_on_where_it_was_interrupted(store, toys, tmp_path, monkeypatch):
    out = tmp_path / "out"
    load = ToySource.load

    def interrupted(self):
        if self.name.endswith("3"):
            raise KeyboardInterrupt
        return load(self)

    monkeypatch.setattr(ToySource, "load", interrupted)
    with pytest.raises(KeyboardInterrupt):
        said(toys, out)
    monkeypatch.setattr(ToySource, "load", load)

    assert said(toys, out) == "events: 2 kept, 3 new"
    assert contents(out) == contents(store.folder)


def test_prepare_tidies_up_after_a_kill_at_the_end(store, toys):
    expected = contents(store.folder)
    (store.folder / "unfinished.json").write_bytes(expected["manifest.json"])
    (store.folder / "records").mkdir()
    (store.folder / "records/event000000001.json").write_text("{}")

    assert said(toys, store.folder) == "events: 5 kept"
    assert contents(store.folder) == expected


def test_prepare_reads_only_what_is_new_or_has_changed(store, toys, tmp_path):
    kept = store.folder / "hits/event000000002.arrow"
    before = kept.stat().st_mtime_ns
    write_toy(toys[0].path, 8, 1, seed=9)
    new = write_toy(tmp_path / "in/event000000006.json")
    wanted = [toys[0], toys[1], new]

    summary = said(wanted, store.folder)

    assert summary == "events: 1 kept, 1 read again, 1 new, 3 dropped"
    assert kept.stat().st_mtime_ns == before
    prepare_events(wanted, tmp_path / "other", workers=1, progress=False)
    assert contents(store.folder) == contents(tmp_path / "other")
    assert_same_event(open_store(store.folder)[0], toys[0].load())


def test_prepare_believes_the_content_after_a_touch(store, toys, tmp_path):
    os.utime(toys[0].path)

    assert said(toys, store.folder) == "events: 5 kept"
    prepare_events(toys, tmp_path / "other", workers=1, progress=False)
    assert contents(store.folder) == contents(tmp_path / "other")


def test_prepare_sees_a_change_that_keeps_the_size(store, toys):
    path = toys[0].path
    path.write_text(path.read_text().replace('"seed": 1', '"seed": 5'))

    assert said(toys, store.folder) == "events: 4 kept, 1 read again"


def test_prepare_mends_files_that_are_gone_or_cut(store, toys):
    expected = contents(store.folder)
    (store.folder / "hits/event000000001.arrow").unlink()
    cut = store.folder / "particles/event000000002.arrow"
    cut.write_bytes(cut.read_bytes()[:-8])

    assert said(toys, store.folder) == "events: 3 kept, 2 new"
    assert contents(store.folder) == expected


def test_prepare_removes_what_nobody_needs(store, toys):
    expected = contents(store.folder)
    (store.folder / "hits/left.arrow.12ab.unfinished").write_text("")
    (store.folder / "hits/event000000009.arrow").write_text("")
    (store.folder / "notes.txt").write_text("mine")
    (store.folder / "manifest.json").rename(store.folder / "unfinished.json")

    said(toys, store.folder)

    assert contents(store.folder) == expected | {"notes.txt": b"mine"}


def test_prepare_fresh_reads_all(store, toys):
    expected = contents(store.folder)
    path = store.folder / "hits/event000000001.arrow"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert said(toys, store.folder) == "events: 5 kept"

    assert said(toys, store.folder, fresh=True) == "events: 5 new"
    assert contents(store.folder) == expected


def test_prepare_makes_a_store_of_another_version_anew(store, toys):
    expected = contents(store.folder)
    path = store.folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 0}))

    assert said(toys, store.folder) == "events: 5 new"
    assert contents(store.folder) == expected


def test_prepare_names_a_damaged_event(toys, tmp_path):
    write_toy(toys[1].path, damaged=True)

    with pytest.raises(
        BadFileError, match=r"must be good.*damaged\. With --skip-damaged"
    ) as told:
        said(toys, tmp_path / "out")

    assert str(toys[1].path) in str(told.value)


def test_prepare_leaves_damaged_events_out_if_asked(toys, tmp_path):
    write_toy(toys[1].path, damaged=True)
    toys[2].path.unlink()
    out = tmp_path / "out"

    summary = said(toys, out, skip_damaged=True)

    assert summary == "events: 3 new, 2 left out as damaged"
    store = open_store(out)
    assert len(store) == 3
    assert [one.name[-1] for one in store.manifest.skipped] == ["2", "3"]
    assert "must be readable" in store.manifest.skipped[1].reason
    write_toy(toys[1].path)
    summary = said(toys, out, skip_damaged=True)
    assert summary == "events: 3 kept, 1 new, 1 left out as damaged"


@pytest.mark.parametrize("fresh", [False, True])
def test_prepare_leaves_a_finished_store_as_it_was(store, toys, tmp_path, fresh):
    write_toy(toys[1].path, damaged=True)
    bad = write_toy(tmp_path / "in/event000000006.json", damaged=True)
    good = write_toy(tmp_path / "in/event000000007.json")
    before = contents(store.folder)

    for wanted in (toys, [*toys[:1], good, bad]):
        with pytest.raises(BadFileError, match="With --skip-damaged"):
            said(wanted, store.folder, fresh=fresh)
        assert contents(store.folder) == before
    with pytest.raises(BadFileError, match="At least one event"):
        said([bad], store.folder, fresh=fresh, skip_damaged=True)
    assert contents(store.folder) == before
    assert_same_event(open_store(store.folder)["event000000001"], toys[0].load())


def test_prepare_without_skipping_keeps_a_store_that_skipped(toys, tmp_path):
    write_toy(toys[1].path, damaged=True)
    out = tmp_path / "out"
    said(toys, out, skip_damaged=True)
    before = contents(out)

    with pytest.raises(BadFileError, match="With --skip-damaged"):
        said(toys, out)

    assert contents(out) == before
    assert said(toys, out, skip_damaged=True).startswith("events: 4 kept")


def test_prepare_does_not_advise_to_skip_all_events(tmp_path):
    write_files(tmp_path / "in", TRACKML_FILES)
    sources = open_events([tmp_path / "in"], detectors=tmp_path / "gone.csv")

    with pytest.raises(BadFileError, match=r"gone\.csv") as told:
        said(sources, tmp_path / "out")

    assert "--skip-damaged" not in str(told.value)


def test_prepare_mends_a_store_whose_manifest_is_damaged(store, toys):
    expected = contents(store.folder)
    (store.folder / "manifest.json").write_text("{")

    assert said(toys, store.folder) == "events: 5 new"
    assert contents(store.folder) == expected


def test_prepare_needs_one_good_event(toys, tmp_path):
    write_toy(toys[0].path, damaged=True)

    with pytest.raises(BadFileError, match=r"At least one.*1 of 1.*must be good"):
        said(toys[:1], tmp_path / "out", skip_damaged=True)


def test_prepare_refuses_names_that_are_there_twice(toys, tmp_path):
    other = write_toy(tmp_path / "more/event000000001.json")

    with pytest.raises(InputError, match=r"a name of its own.*2 times") as told:
        said([*toys, other], tmp_path / "out")

    assert str(other.path) in str(told.value)
    assert not (tmp_path / "out").exists()


def test_prepare_refuses_a_store_as_its_own_source(store):
    before = contents(store.folder)

    with pytest.raises(InputError, match=r"elsewhere\. Received: .* in the store"):
        prepare_events(store.sources(), store.folder, progress=False)
    assert contents(store.folder) == before


def test_prepare_needs_an_event(tmp_path):
    with pytest.raises(InputError, match="At least one event"):
        said([], tmp_path / "out")


def test_prepare_keeps_two_jobs_apart(store, toys):
    import fcntl

    with (store.folder / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(DatasetError, match="one job at a time"):
            said(toys, store.folder)


@pytest.mark.skipif(not REAL.is_dir(), reason="no TrackML data here")
def test_prepare_holds_real_events_as_they_are_read(tmp_path):
    sources = open_events([REAL / "mini_event"])
    sources += open_events([REAL / "barrel_event1000/density10-event000001000"])

    store = prepare_events(sources, tmp_path / "out", workers=1, progress=False)

    for source, event in zip(sources, store, strict=True):
        assert_same_event(event, source.load())
    totals = store.manifest.totals
    assert totals.hits == 5527 + 5587
    assert totals.noise == 829 + 1303
    assert totals.particles == 468 + 818
    assert totals.with_clusters == 1
    assert open_events([store.folder])[0].name == "event000000001"
