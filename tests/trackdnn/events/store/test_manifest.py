"""The manifest tells what is there, and damage is told from other files."""

import json

import pytest

from trackdnn.errors import BadFileError
from trackdnn.events.open import open_events
from trackdnn.events.store.manifest import TableFile, Totals, is_store, read_manifest


def test_totals_add_up(store):
    events = [(one.hits, one.truth, one.particles) for one in store]
    known = [one for one in events if one[1] is not None]
    totals = store.manifest.totals

    assert totals == Totals.of(store.manifest.events)
    assert totals.events == 5
    assert totals.with_truth == 4
    assert totals.with_clusters == 2
    assert totals.hits == sum(len(hits) for hits, _, _ in events)
    assert totals.hits_with_truth == sum(len(hits) for hits, _, _ in known)
    assert totals.noise == sum((truth.particle_id == 0).sum() for _, truth, _ in known)
    seen = [one for _, _, made in known for one in made.pt[made.hits > 0]]
    assert totals.particles == len(seen)
    assert totals.fast == sum(pt > 0.9 for pt in seen)
    assert 0 < totals.fast < totals.particles
    files = list(store.folder.rglob("*.arrow"))
    assert totals.bytes == sum(path.stat().st_size for path in files)


def test_manifest_names_the_sources(store, toys):
    for record, toy in zip(store.manifest.events, toys, strict=True):
        (source,) = record.sources
        assert source.path == str(toy.path)
        assert source.size == toy.path.stat().st_size
        assert source.mtime_ns == toy.path.stat().st_mtime_ns


def test_manifest_survives_a_way_through_json(store):
    assert read_manifest(store.folder) == store.manifest


def test_is_store_tells_a_store_from_the_rest(store, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    assert not is_store(other)
    (other / "manifest.json").write_text('{"format": 1, "made_by": {}}')

    assert is_store(store.folder)
    assert not is_store(other)
    assert not is_store(tmp_path / "nowhere")
    (store.folder / "manifest.json").rename(store.folder / "unfinished.json")
    assert is_store(store.folder)


@pytest.mark.parametrize("text", ["{", "", "\xff"])
def test_is_store_knows_one_whose_manifest_is_damaged(store, text):
    path = store.folder / "manifest.json"
    path.write_text(text, encoding="latin-1")

    assert is_store(store.folder)
    with pytest.raises(BadFileError, match=r"manifest.json' must be .* damaged, no"):
        open_events([store.folder])


def change(content, **values):
    return json.dumps(json.loads(content) | values)


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (lambda old: old[:100], "no valid JSON"),
        (lambda old: "[]", "another kind of file"),
        (lambda old: change(old, kind="dataset"), "another kind of file"),
        (lambda old: change(old, format=2), "format 2, where this version reads 1"),
        (lambda old: change(old, events=[{}]), r"'events\.0\.name': Field required"),
        (lambda old: change(old, more=1), "'more': Extra inputs"),
    ],
)
def test_read_manifest_tells_damage(store, damage, text):
    path = store.folder / "manifest.json"
    path.write_text(damage(path.read_text()))

    with pytest.raises(BadFileError, match=text) as caught:
        read_manifest(store.folder)

    assert str(path) in str(caught.value)
    assert "prepare-events" in str(caught.value)


def test_read_manifest_tells_of_an_unfinished_store(store):
    (store.folder / "manifest.json").rename(store.folder / "unfinished.json")

    with pytest.raises(BadFileError, match=r"must be finished.*goes on where"):
        read_manifest(store.folder)


def test_read_manifest_tells_of_a_missing_one(tmp_path):
    with pytest.raises(BadFileError, match="No such file"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("path", ["/etc/passwd", "../up.arrow", ""])
def test_table_files_lie_below_the_folder(path):
    with pytest.raises(ValueError, match="below the store's folder"):
        TableFile(path=path, rows=1, bytes=1, sha256="")
