"""Every column says what it is, in the files and in the manifest."""

import re
from pathlib import Path

import pytest

from trackdnn.events.clusters import FEATURES
from trackdnn.events.store.columns import column_table, hits_schema, particles_schema


@pytest.mark.parametrize(
    ("truth", "clusters", "count"),
    [(False, False, 7), (True, False, 15), (False, True, 8), (True, True, 16)],
)
def test_hits_schema_holds_what_the_event_has(truth, clusters, count):
    schema = hits_schema(truth=truth, clusters=clusters)

    assert len(schema) == count
    assert ("particle_id" in schema.names) == truth
    assert ("clusters" in schema.names) == clusters


def test_fields_have_unit_and_meaning():
    table = column_table()
    schemas = {
        "hits": hits_schema(truth=True, clusters=True),
        "particles": particles_schema(),
    }

    for name, schema in schemas.items():
        assert schema.names == list(table[name])
        for field in schema:
            assert not field.nullable
            told = table[name][field.name]
            assert field.metadata[b"unit"].decode() == told["unit"]
            assert field.metadata[b"meaning"].decode() == told["meaning"] != ""
            assert str(field.type) == told["type"]
    assert schemas["hits"].field("tpx").metadata[b"unit"] == b"GeV"


def test_features_of_clusters_are_named():
    field = hits_schema(truth=False, clusters=True).field("clusters")

    names = field.metadata[b"meaning"].decode().split(", ")
    assert names == list(FEATURES)
    assert len(field.metadata[b"unit"].decode().split(", ")) == field.type.list_size


@pytest.mark.parametrize("table", ["hits", "particles"])
def test_docs_list_every_column(table):
    page = (Path(__file__).parents[4] / "docs" / "event_store.md").read_text()

    for name, told in column_table()[table].items():
        assert re.search(rf"`{name}`.*\| {re.escape(told['meaning'])} \|", page), name
