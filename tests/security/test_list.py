"""The list in the docs and the tests name the same holes."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOLES = r"CVE-\d{4}-\d+|GHSA(?:-\w{4}){3}|ORT \d+(?:, \d+)?|tf-keras PR \d+"


def rows():
    text = (ROOT / "docs" / "trust.md").read_text("utf-8")
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and re.match(HOLES, cells[0]):
            yield re.findall(HOLES, cells[0]), re.findall(r"test_\w+\.py", cells[2])


def test_every_hole_has_its_test():
    for holes, files in rows():
        sources = [(Path(__file__).parent / name).read_text("utf-8") for name in files]
        found = re.sub(r"[^a-z0-9]+", "_", "\n".join(sources).lower())
        for hole in holes:
            for number in re.findall(r"\d{3,}(?:[_-]\w+)*|hqp4|cmw6", hole):
                assert number.lower().replace("-", "_") in found, hole
    assert sum(len(holes) for holes, _ in rows()) >= 20
