from pathlib import Path

import pytest

from trackdnn.configuration.validation import load_settings, settle, validate
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


@pytest.mark.parametrize(
    "files",
    ["a.root", "[a.root]", "{tracks: a.root}", "[{name: tracks, files: [a.root]}]"],
)
def test_samples_short_forms_agree(files):
    settings = load_settings(None, [f"data.samples={files}"])

    assert settings.data.samples[0].name == "tracks"
    assert settings.data.samples[0].files == ("a.root",)


def test_unknown_key_names_the_nearest():
    assert "'trainin'. Did you mean 'training'" in failure(None, "trainin.epochs=3")
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


def test_fingerprint_ignores_local_only():
    base = load_settings()

    assert load_settings(None, ["local.cpu_threads=3"]).fingerprint() == (
        base.fingerprint()
    )
    assert load_settings(None, ["seed=2"]).fingerprint() != base.fingerprint()


def test_shipped_config_is_valid():
    path = Path(__file__).parents[3] / "config.py"

    settings = load_settings(path)

    assert settings.data.samples[0].files == ("samples/train.root",)


def test_unknown_key_names_where_it_belongs():
    message = failure(None, "learning_rate=1e-3")

    assert "unknown key 'learning_rate'. It belongs in 'training.learning_rate'" in (
        message
    )


def test_letters_that_cannot_be_shown_are_not_repeated():
    with pytest.raises(SettingsError, match=r"unknown key 'a\\u2028'"):
        validate({"a\u2028": 1})


def test_override_finds_a_setting_by_its_name_here():
    content = {"training": {"stage_0": {"epochs": 3}, "stage_1": {}}}

    settings = settle(content, ["training.epochs=4", "training.1.clip=1"])

    assert [stage.epochs for stage in settings.training] == [4, 4]
    assert [stage.clip for stage in settings.training] == [None, 1.0]
