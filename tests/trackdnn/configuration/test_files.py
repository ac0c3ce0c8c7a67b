"""Every file is a plain dict, or one line that names it."""

from pathlib import Path

import pytest

from trackdnn.configuration.files import read_content
from trackdnn.errors import SettingsError


def failure(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        read_content(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("a.py", "settings = {", "line 1"),
        ("a.py", "x = 1", "must define a dict named `settings`"),
        ("a.py", "settings = [1]", "must hold a mapping"),
        ("a.py", "1 / 0", "ZeroDivisionError"),
        ("a.yaml", "a: [", "not valid YAML"),
        ("a.yaml", "seed: 1\nseed: 2", "not valid YAML"),
        ("a.yaml", "- 1", "must hold a mapping"),
        ("a.yaml", "seed: !!python/object:os.system 1", "not valid YAML"),
        ("a.py", "raise SystemExit", "cannot be run: SystemExit"),
        ("a.py", "class A: pass\nsettings = {'seed': A()}", "'seed': must be text"),
        ("a.py", "make_model = columns_of_regular_inputs = 1", "docs/training.md"),
        ("a.yaml", "a: !!float x", "not valid YAML"),
        ("a.yaml", "? {a: [1]}\n: 2", "not valid YAML"),
        ("a.yaml", "seed: 2026-13-45", "not valid YAML"),
        ("a.yaml", "a: " + "[" * 5000, "nested too deeply"),
        ("a.toml", "seed = 1", "must end in .py, .yaml or .yml"),
        ("a.yaml", "#" * 1_000_001, "smaller than"),
    ],
)
def test_bad_file_is_one_clear_line(tmp_path, name, text, part):
    path = tmp_path / name
    path.write_text(text)

    message = failure(path)

    assert part in message
    assert str(path) in message


def test_missing_file_is_named(tmp_path):
    assert "does not exist" in failure(tmp_path / "none.py")


def test_empty_yaml_file_means_defaults(tmp_path):
    path = tmp_path / "empty.yaml"
    path.write_text("")

    assert read_content(path) == {}


def test_bytes_that_are_no_text_are_named(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"seed: 1\nname: \xff")

    assert "must be text in UTF-8. Received: byte 0xff at 14" in failure(path)


def test_path_that_cannot_be_opened_is_one_clear_line():
    assert "cannot be read: File name too long" in failure(Path("a" * 5000 + ".yaml"))
