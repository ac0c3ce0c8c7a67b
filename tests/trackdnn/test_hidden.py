import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["network", "export"])
def test_import_names_the_folder_that_hides_a_sibling(tmp_path, name):
    stranger = tmp_path / name
    stranger.mkdir()
    (stranger / "__init__.py").write_text("")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])

    done = subprocess.run(
        [sys.executable, "-c", "import trackdnn"],
        env={**os.environ, "PYTHONPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert f"`{name}` of trackdnn is hidden by {stranger}" in done.stderr


def test_import_works_when_nothing_hides():
    done = subprocess.run(
        [sys.executable, "-c", "import trackdnn; print(trackdnn.__version__)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip()
