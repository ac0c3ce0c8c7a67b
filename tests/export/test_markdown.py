from __future__ import annotations

import pytest

from export.markdown import escaped


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trk_pt", "trk_pt"),
        ("nStrip < 0 or nStrip > 9", "nStrip < 0 or nStrip > 9"),
        ("a|b", "a\\|b"),
        ("c\nd\r\ne\u2028f", "c d e f"),
        ("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"),
        ("<!-- -->", "&lt;!-- -->"),
        ("<?php", "&lt;?php"),
        ("[x](javascript:y)", "[x]\\(javascript:y)"),
        ("![](http://z)", "![]\\(http://z)"),
        ("['train', 'test']", "['train', 'test']"),
        ("", ""),
    ],
)
def test_escaped_text_stays_text(text, expected):
    assert escaped(text) == expected
