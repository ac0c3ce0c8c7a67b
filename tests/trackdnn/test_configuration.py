from pathlib import Path

import pytest

from trackdnn.configuration import load_settings, override, read_content
from trackdnn.errors import SettingsError
from trackdnn.settings import Settings

POINT = "{name: a, value: 0.9}"


def failure(path: Path | None = None, *overrides: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(path, overrides)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_load_settings_without_file_gives_defaults():
    assert load_settings() == Settings()


@pytest.mark.parametrize("suffix", ["py", "yaml"])
def test_load_settings_spellings_agree(tmp_path, suffix):
    text = {
        "py": "settings = {'seed': 3, 'training': [{'learning_rate': 1e-4}]}",
        "yaml": "seed: 3\ntraining:\n- learning_rate: 1e-4\n",
    }[suffix]
    path = tmp_path / f"settings.{suffix}"
    path.write_text(text)

    settings = load_settings(path)

    assert settings == load_settings(None, ["seed=3", "training.learning_rate=1e-4"])
    assert settings.training[0].learning_rate == 1e-4


def test_override_leaves_its_input_alone():
    content = {"training": [{"epochs": 3}]}

    changed = override(content, "training.0.epochs=4")

    assert content == {"training": [{"epochs": 3}]}
    assert changed == {"training": [{"epochs": 4}]}


def test_override_of_a_list_sets_every_entry():
    content = {"training": [{"epochs": 3}, {"epochs": 5}]}

    changed = override(content, "training.epochs=4")

    assert changed == {"training": [{"epochs": 4}, {"epochs": 4}]}


@pytest.mark.parametrize(
    "files",
    ["a.root", "[a.root]", "{tracks: a.root}", "[{name: tracks, files: [a.root]}]"],
)
def test_samples_short_forms_agree(files):
    settings = load_settings(None, [f"data.samples={files}"])

    assert settings.data.samples[0].name == "tracks"
    assert settings.data.samples[0].files == ("a.root",)


def test_unknown_key_names_the_nearest():
    assert "'trainin'. Did you mean 'training'?" in failure(None, "trainin.epochs=3")
    assert "Did you mean 'epochs'?" in failure(None, "training.epoch=3")
    assert "Did you mean 'validation'" in failure(None, "data.split.validaton=0.1")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("seed=abc", "'seed'"),
        ("training.learning_rate=-1", "greater than 0. Received: -1"),
        ("training.learning_rate=.nan", "finite"),
        ("training.epochs=0", "greater than or equal to 1"),
        ("data.split.validation=0.9", "nothing is left"),
        ("model.architecture=cms", "'default', 'cms2020' or 'cms_run3'"),
        ("seed.x=1", "'seed'"),
        ("training.3.epochs=1", "entry 3 of a list of 1"),
        ("training=[]", "at least 1"),
        ("epochs", "must read a.b=value"),
        ("=3", "must read a.b=value"),
        ("seed=[", "cannot be read"),
        (f"evaluation.working_points=[{POINT}, {POINT}]", "name of its own"),
    ],
)
def test_bad_override_is_one_clear_line(text, part):
    assert part in failure(None, text)


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


def test_fingerprint_ignores_local_only():
    base = load_settings()

    assert load_settings(None, ["local.cpu_threads=3"]).fingerprint() == (
        base.fingerprint()
    )
    assert load_settings(None, ["seed=2"]).fingerprint() != base.fingerprint()


def test_shipped_config_is_valid():
    path = Path(__file__).parents[2] / "config.py"

    settings = load_settings(path)

    assert settings.data.samples[0].files == ("samples/train.root",)
