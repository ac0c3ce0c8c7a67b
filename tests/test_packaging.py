import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = ("trackdnn/", "network/", "export/", "setup.cfg", "pyproject.toml")
    for name in listed.stdout.splitlines():
        if name.startswith(wanted) or name in ("gpusetter.py", "README.md", "LICENSE"):
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    # Without isolation: the suite needs no network.
    command = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(
        [sys.executable, *command, str(source)], check=True, capture_output=True
    )
    return next(folder.glob("*.whl"))


def test_wheel_holds_the_packages_and_not_the_user_files(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    assert "network/builder.py" in names
    assert "export/exporter.py" in names
    assert "gpusetter.py" in names
    assert "trackdnn/py.typed" in names
    # What is no Python travels, too.
    assert "export/clients/tf_session.cc" in names
    assert "export/clients/probe_file.h" in names
    assert "export/cmssw_kit/templates/README.md.in" in names
    assert not {"config.py", "main.py"} & set(names)
    assert not [name for name in names if name.startswith(("tests", "samples"))]


def test_wheel_works_outside_the_checkout(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = "import sys, trackdnn.cli; sys.exit(trackdnn.cli.main(['--version']))"

    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith("trackdnn ")
