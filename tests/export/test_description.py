from __future__ import annotations

import json

from export.description import describe_inputs, spec_of
from export.signature import Names


def test_description_brings_the_spec_back_through_json(spec):
    content = json.loads(json.dumps(describe_inputs(spec, Names("a", "b", "c"))))

    assert spec_of(content) == spec
    assert content["features"]["name"] == "a"
    assert content["category"]["name"] == "b"
    assert content["features"]["shape"] == [-1, 29]
