"""The published schema of the manifest: what is written keeps it, old ones are read."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import pytest

from export import manifest, verify
from trackdnn.inference.infer import infer

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "manifest.schema.json").read_text("utf-8"))
OLD = ROOT / "tests" / "data" / "bundle_v1"
KINDS = {str: "string", dict: "object", list: "array", int: "integer"}


def resolved(node):
    """A node of the schema with what it refers to."""
    if "$ref" in node:
        return SCHEMA["$defs"][node["$ref"].rpartition("/")[2]] | node
    return node


def below(node, value):
    """Keys of a value with the node of the schema for each."""
    node = resolved(node)
    if isinstance(value, list):
        return [(index, node["items"]) for index in range(len(value))]
    if not isinstance(value, dict):
        return []
    properties, others = node.get("properties", {}), node["additionalProperties"]
    return [
        (key, properties.get(key, others))
        for key in value
        if key in properties or isinstance(others, dict)
    ]


def places(value, node=SCHEMA, path=()):
    """Every place of a manifest that the schema speaks of."""
    for key, inner in below(node, value):
        yield (*path, key), resolved(inner), key in resolved(node).get("required", ())
        yield from places(value[key], inner, (*path, key))


def nodes(node=SCHEMA, path="$"):
    """Every named field of the schema."""
    for key, inner in node.get("properties", {}).items():
        yield f"{path}.{key}", resolved(inner)
        yield from nodes(inner, f"{path}.{key}")
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield f"{path}[{key}]", resolved(node[key])
            yield from nodes(node[key], f"{path}[{key}]")


def every_field():
    yield from nodes()
    for name, node in SCHEMA["$defs"].items():
        yield from nodes(node, f"${name}")


def at(content, path):
    for key in path:
        content = content[key]
    return content


def other_type(node):
    """A value of no type that the schema allows here."""
    kinds = np.atleast_1d(node.get("type", "string")).tolist()
    return [] if "array" not in kinds else "text"


@pytest.fixture(scope="module")
def validator():
    jsonschema = pytest.importorskip("jsonschema")
    kind = jsonschema.Draft202012Validator
    kind.check_schema(SCHEMA)
    return kind(SCHEMA)


@pytest.fixture(params=["new", "old"])
def content(request, bundle):
    folder = bundle.folder if request.param == "new" else OLD
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def test_manifest_keeps_the_schema(content, validator):
    assert [error.json_path for error in validator.iter_errors(content)] == []


def test_manifest_without_a_required_field_breaks_the_schema(content, validator):
    required = [path for path, _, needed in places(content) if needed]

    for path in required:
        changed = copy.deepcopy(content)
        del at(changed, path[:-1])[path[-1]]
        assert not validator.is_valid(changed), path
    assert len(required) > 100


def test_manifest_with_a_field_of_another_type_breaks_the_schema(content, validator):
    known = list(places(content))

    for path, node, _ in known:
        changed = copy.deepcopy(content)
        at(changed, path[:-1])[path[-1]] = other_type(node)
        assert not validator.is_valid(changed), path
    assert len(known) > 200


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "other"),
        (("schema_version",), 3),
        (("schema_version",), True),
        (("created",), "yesterday"),
        (("digest",), "0" * 63),
        (("inputs", "features", "dtype"), "float64"),
        (("inputs", "features", "offset"), 1.0),
        (("inputs", "features", "columns"), []),
        (("inputs", "features", "columns", 0, "transform"), "sqrt"),
        (("inputs", "features", "columns", 0, "scale"), 0.0),
        (("inputs", "category", "vocabulary"), [4, 4]),
        (("outputs", "onnx"), "no name"),
        (("parity", "tolerance"), 0),
        (("parity", "artifacts", "onnx", "max_difference"), -1e-9),
        (("files", "model.onnx", "sha256"), "x" * 64),
        (("files", "../outside"), {"bytes": 1, "sha256": "0" * 64}),
        (("files", "/outside"), {"bytes": 1, "sha256": "0" * 64}),
        (("files", "a/../b"), {"bytes": 1, "sha256": "0" * 64}),
        (("working_points", "overall"), {"loose": {"cut": None}}),
    ],
    ids=str,
)
def test_wrong_value_breaks_the_schema(content, validator, path, value):
    at(content, path[:-1])[path[-1]] = value

    assert not validator.is_valid(content)


@pytest.mark.parametrize(
    "path",
    [
        ("later",),
        ("training", "later"),
        ("evaluation", "later"),
        ("working_points", "later"),
    ],
    ids=str,
)
def test_later_entries_keep_the_schema(content, validator, path):
    at(content, path[:-1])[path[-1]] = {"any": ["thing"]}

    assert validator.is_valid(content)


def test_schema_tells_every_field():
    fields = dict(every_field())

    silent = [path for path, node in fields.items() if not node.get("description")]
    numbers = {
        path: node
        for path, node in fields.items()
        if {"number", "integer"} & set(np.atleast_1d(node.get("type", [])).tolist())
    }
    assert silent == []
    assert [path for path, node in numbers.items() if "unit" not in node] == []
    assert len(fields) > 80


def test_schema_and_reader_agree():
    properties = SCHEMA["properties"]
    own = {"format": str, "schema_version": int, "digest": str}

    assert set(SCHEMA["required"]) == {*verify._ENTRIES, *own}
    for name, kind in (verify._ENTRIES | own).items():
        assert properties[name]["type"] == KINDS[kind], name
    assert properties["format"]["const"] == verify.FORMAT
    assert tuple(properties["schema_version"]["enum"]) == verify.VERSIONS
    assert tuple(properties["files"]["required"]) == verify._NEEDED
    assert SCHEMA["$id"].endswith(f":{manifest.SCHEMA_VERSION}")


@pytest.mark.parametrize("name", SCHEMA["required"])
@pytest.mark.parametrize("value", ["absent", 0.5])
def test_reader_refuses_what_the_schema_refuses(bundle, tmp_path, name, value):
    content = json.loads((bundle.folder / "manifest.json").read_text("utf-8"))
    content[name] = value
    if value == "absent":
        del content[name]
    if name != "digest":
        content["digest"] = verify.digest(content)
    (tmp_path / "manifest.json").write_text(verify.canonical(content))

    with pytest.raises(verify.RefusedError, match=r"manifest\.json"):
        verify.read_manifest(tmp_path)


def test_old_bundle_is_of_the_first_version():
    content = json.loads((OLD / "manifest.json").read_text("utf-8"))

    assert content["schema_version"] == 1 == min(verify.VERSIONS)
    assert "target" not in content


def test_old_bundle_is_read():
    found = manifest.read_bundle(OLD)

    assert found.spec.width == 29
    assert (found.names.features, found.names.score) == ("x", "score")


def test_old_bundle_verifies_in_every_runtime():
    checks = verify.verify(OLD)

    assert [check.status for check in checks] == ["ok"] * 7


def test_old_bundle_scores_tracks(ntuple_factory, tmp_path):
    import pandas as pd

    source = ntuple_factory(events=3)

    infer(OLD, [str(source)], tmp_path / "scores.parquet", progress=False)

    table = pd.read_parquet(tmp_path / "scores.parquet")
    assert len(table) > 30
    assert table["probability"].between(0, 1).all()
    assert {"pass_loose", "pass_tight"} <= set(table)
