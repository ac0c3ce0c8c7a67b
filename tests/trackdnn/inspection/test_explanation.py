from __future__ import annotations

from pathlib import Path

from trackdnn.inspection.explanation import explanation


def test_explanation_opens_with_kind_and_path():
    found = explanation("bundle", Path("a/b"), ["one"], {"size": 3})

    assert found.lines == ("bundle: a/b", "one")
    assert found.to_dict() == {"kind": "bundle", "path": "a/b", "size": 3}
    assert found.grids == ()
    assert found.responses is None
