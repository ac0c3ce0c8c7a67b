import json

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError
from trackdnn.graphs.voxel_dynamics import files
from trackdnn.graphs.voxel_dynamics.constructor import VoxelDynamics
from trackdnn.settings.finding import VoxelDynamicsSettings

SETTINGS = VoxelDynamicsSettings(cells=20, bins=8)


@pytest.fixture
def folder(tmp_path):
    events = [toy_event(50, noise=10, seed=seed) for seed in range(3)]
    made = VoxelDynamics.train(SETTINGS, events, seed=1, progress=False)
    made.save(tmp_path)
    return tmp_path


def test_folder_holds_what_was_counted(folder):
    cells, counts = files.read_folder(folder, SETTINGS)

    content = json.loads((folder / files.MANIFEST).read_text())
    assert len(cells) == content["cells"] == 20
    assert (counts.events, content["events"]) == (3, 3)
    assert content["pairs"] == counts.pairs.sum()
    assert content["parts"] == [content["sha256"][files.COUNTS]]
    assert files.stored_settings(folder) == SETTINGS


def test_same_content_is_written_as_the_same_bytes(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    VoxelDynamics.load(SETTINGS, folder).save(folder)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("name", [files.CELLS, files.COUNTS])
@pytest.mark.parametrize("damage", ["gone", "cut", "changed"])
def test_damaged_file_is_named(folder, name, damage):
    path = folder / name
    content = path.read_bytes()
    path.unlink()
    if damage != "gone":
        middle = len(content) // 2
        cut = content[:middle]
        path.write_bytes(cut if damage == "cut" else cut + b"?" + content[middle + 1 :])

    with pytest.raises(BadFileError, match=rf"{name}' must be the file that") as raised:
        files.read_folder(folder, SETTINGS)

    assert ("no file" in str(raised.value)) == (damage == "gone")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (None, "no such file"),
        ("{", "cannot be read as JSON"),
        ("[]", "a file of another kind"),
        ('{"format": "other"}', "a file of another kind"),
        (f'{{"format": "{files.FORMAT}", "version": 9}}', "version 9, not 1"),
        (f'{{"format": "{files.FORMAT}", "version": 1}}', "without settings"),
    ],
)
def test_manifest_that_is_not_ours_is_named(folder, text, what):
    path = folder / files.MANIFEST
    path.unlink()
    if text is not None:
        path.write_text(text)

    with pytest.raises(BadFileError, match=rf"{files.MANIFEST}' must .*{what}"):
        files.read_folder(folder, SETTINGS)


@pytest.mark.parametrize(("key", "value"), [("sha256", []), ("hits", "many")])
def test_manifest_of_wrong_types_is_named(folder, key, value):
    path = folder / files.MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))

    with pytest.raises(BadFileError, match="without settings, checksums or counts"):
        files.read_folder(folder, SETTINGS)


def test_stored_settings_that_are_not_ours_are_named(folder):
    path = folder / files.MANIFEST
    path.write_text(path.read_text().replace('"bins": 8', '"bins": -8'))

    with pytest.raises(BadFileError, match="settings that are not ours"):
        files.stored_settings(folder)


def test_other_settings_of_the_counting_are_refused(folder):
    other = SETTINGS.model_copy(update={"truth": "hyper"})

    with pytest.raises(BadFileError, match=r"truth=hyper. Received: modulewise"):
        files.read_folder(folder, other)


@pytest.mark.parametrize("read", [files.read_cells, files.read_counts])
def test_file_of_something_else_is_named(tmp_path, read):
    path = tmp_path / "a.npz"

    with pytest.raises(BadFileError, match=r"a.npz' must be .* Received: no file"):
        read(path)
    np.savez(path, other=1)
    with pytest.raises(BadFileError, match=r"a.npz' must be .* a damaged file"):
        read(path)
    np.savez(path, points=np.array([{}], object), links=np.array([{}], object))
    with pytest.raises(BadFileError, match=r"a.npz' must be .* a damaged file"):
        read(path)
    path.write_bytes(b"PK")
    with pytest.raises(BadFileError, match=r"a.npz' must be .* a damaged file"):
        read(path)
