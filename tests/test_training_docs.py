"""The tables of settings in docs/ name every setting, with its default."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from trackdnn.settings import Settings, Stage

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "training.md").read_text("utf-8")
FINDING = (DOCS / "finding_settings.md").read_text("utf-8")
TABLES = TEXT[TEXT.index("## Every setting") : TEXT.index("## Recipes")] + FINDING


def model_in(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (model_in(one) for one in get_args(annotation))
    return next((one for one in found if one), None)


def nodes(model, path="settings"):
    """Every node of the tree, by its path."""
    yield path, model
    for name, field in model.model_fields.items():
        below = model_in(field.annotation)
        # Stages of graphs are those of tracks, with other defaults, which are told.
        if below and (below is Stage or not issubclass(below, Stage)):
            yield from nodes(below, name if path == "settings" else f"{path}.{name}")


def documented():
    """Names and texts of defaults in the table below each heading."""
    found = {}
    for part in TABLES.split("\n### ")[1:]:
        heading, _, body = part.partition("\n")
        rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| [^|]+ \|$", body, re.M)
        for path in re.findall(r"`([\w.]+)`", heading):
            found[path] = {name: text.strip() for name, text in rows}
    return found


DOCUMENTED = documented()
NODES = dict(nodes(Settings))


def text_of(field):
    """What stands for a default: a value of YAML, or a word."""
    if field.is_required():
        return "—"
    default = field.get_default(call_default_factory=True)
    first = default[0] if isinstance(default, tuple) and default else default
    return "below" if isinstance(first, BaseModel) else default


def value(text):
    if not text.startswith("`"):
        return text
    read = YAML(typ="safe", pure=True).load(text.strip("`"))
    return tuple(read) if isinstance(read, list) else read


def test_every_group_has_a_table():
    assert set(DOCUMENTED) == set(NODES)


@pytest.mark.parametrize("path", NODES)
def test_every_setting_is_named_with_its_default(path):
    expected = {
        name: text_of(field) for name, field in NODES[path].model_fields.items()
    }

    found = {name: value(text) for name, text in DOCUMENTED[path].items()}

    assert found == expected
    assert list(found) == list(expected)
