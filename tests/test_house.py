"""The house keeps its own laws."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("trackdnn", "network", "export")
SOURCES = sorted(
    path.relative_to(ROOT)
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if path.name != "__init__.py"
)
# Wiring and constants: tested through what they wire, in tests/test_end_to_end.py.
WITHOUT_TWIN = re.compile(r"trackdnn/commands/|trackdnn/version\.py")


def twin(source: Path) -> Path:
    return ROOT / "tests" / source.parent / f"test_{source.name}"


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_every_source_file_has_its_test(source):
    if WITHOUT_TWIN.match(source.as_posix()):
        return

    assert twin(source).is_file()


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_names_say_what_they_are(source):
    assert not re.search(r"utils|helpers|manager|misc|common", source.stem)


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_nothing_is_pickled(source):
    names = {
        node.names[0].name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse((ROOT / source).read_text()))
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }

    assert not names & {"pickle", "cloudpickle", "joblib", "dill", "shelve"}
    assert "allow_pickle=True" not in (ROOT / source).read_text()


def test_tracked_files_name_no_place_of_one_machine():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    pattern = re.compile(r"(?<![\w.])/(root|work|home)/\w")

    texts = [ROOT / name for name in tracked if not name.endswith((".root", ".png"))]
    found = [
        str(path)
        for path in texts
        if path.is_file()
        and path.name != Path(__file__).name
        and pattern.search(path.read_text(errors="ignore"))
    ]

    assert found == []
