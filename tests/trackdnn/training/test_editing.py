"""Changes to a run folder's settings."""

import json

import numpy as np
import pytest

from trackdnn.commands import append_stage as append_command
from trackdnn.commands import edit as edit_command
from trackdnn.configuration import load_settings, read_content, validate
from trackdnn.errors import RunError, SettingsError
from trackdnn.settings import Settings, Stage
from trackdnn.training.begin import CHECKPOINTS, is_begun, is_complete
from trackdnn.training.checkpoints.lock import run_lock
from trackdnn.training.checkpoints.state import State
from trackdnn.training.checkpoints.store import CheckpointStore
from trackdnn.training.editing import append_stage, check_own_name, edit_run, value_at
from trackdnn.training.rewriting import EDITS, LOCAL, Change
from trackdnn.training.run import FILES, MANIFEST, SETTINGS, _sha256, check_run

TWO = Settings(training=(Stage(epochs=2), Stage(epochs=3)))


@pytest.fixture
def folder(tmp_path):
    """A training of two stages; the first has begun."""
    run = tmp_path / "run"
    leave(run, TWO)
    save(run, stage=1, step=2)
    return run


@pytest.fixture
def complete(folder):
    """The same when both stages are trained."""
    save(folder, stage=3)
    for name in set(FILES) - {SETTINGS}:
        (folder / name).write_text(name)
    seal(folder)
    return folder


def leave(run, settings):
    from trackdnn.training.run import to_yaml, write_text

    run.mkdir()
    write_text(run / SETTINGS, to_yaml(settings))


def seal(run):
    hashes = {name: _sha256(run / name) for name in FILES}
    manifest = {"format": "trackdnn run", "version": 1, "sha256": hashes}
    (run / MANIFEST).write_text(json.dumps(manifest))


def save(run, *, stage, epoch=0, step=0):
    facts = {"stage": stage, "epoch": epoch, "step": step}
    store = CheckpointStore(run / CHECKPOINTS)
    store.save(State(arrays={"a": np.zeros(1)}, facts=facts), name=f"{stage}-{step}")


def content(run):
    """All files of a run but locks."""
    return {
        path.relative_to(run): path.read_bytes()
        for path in run.rglob("*")
        if path.is_file()
    }


def stage_file(tmp_path, text):
    path = tmp_path / "stage.yaml"
    path.write_text(text)
    return path


def test_edit_changes_a_stage_to_come_and_notes_it(folder):
    found = edit_run(folder, ["training.1.epochs=5", "evaluation.bootstrap=7"])

    assert found == [
        Change("training.1.epochs", 3, 5),
        Change("evaluation.bootstrap", 200, 7),
    ]
    settings = load_settings(folder / SETTINGS)
    assert settings.training[1].epochs == 5
    assert settings.evaluation.bootstrap == 7
    rows = [json.loads(line) for line in (folder / EDITS).read_text().splitlines()]
    assert [(row["place"], row["old"], row["new"]) for row in rows] == [
        ("training.1.epochs", 3, 5),
        ("evaluation.bootstrap", 200, 7),
    ]
    assert {row["command"] for row in rows} == {"edit"}


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("training.0.epochs=5", RunError, r"training.0.epochs: 2 -> 5.*local"),
        ("training.epochs=5", RunError, r"training.0.epochs: 2 -> 5"),
        ("training=[{}]", RunError, r"trained with already"),
        ("seed=9", RunError, r"seed: 1 -> 9"),
        ("model.options.width=9", RunError, r"model.options.width: null -> 9"),
        ("data.split.seed=9", RunError, r"data.split.seed: 1 -> 9"),
        (
            "training.1.epohcs=5",
            SettingsError,
            r"'training.1.epohcs'. Did you .*epochs",
        ),
        ("trainig.1.epochs=5", SettingsError, r"'trainig'. Did you mean 'training'"),
        ("training.1.epochs=many", SettingsError, r"training.1.epochs.*'many'"),
        ("training.1.epochs=0", SettingsError, r"greater than or equal to 1"),
        ("training.2.epochs=1", SettingsError, r"^training.2.epochs must name an"),
        ("local.progress=maybe", SettingsError, r"local.progress.*'maybe'"),
        ("local.worker=2", SettingsError, r"'local.worker'. Did you mean 'workers'"),
        ("model.options.widht=9", SettingsError, r"model.options: .*widht"),
        ("training.1.epochs", SettingsError, r"must read key=value. Received: 'tra"),
        ("seed.x=1", SettingsError, r"^seed.x goes below a plain value"),
        ("training.1.weight_decay=9", SettingsError, r"another spelling. Look it up"),
        ("seed={", SettingsError, r"value of seed cannot be read"),
    ],
)
def test_edit_that_is_refused_changes_nothing(folder, text, error, message):
    before = content(folder)

    with pytest.raises(error, match=message):
        edit_run(folder, ["evaluation.bootstrap=7", text])

    assert content(folder) == before


def test_edit_reads_values_by_their_type(folder):
    edit_run(folder, ["local.progress=False", "training.1.early_stopping=null"])

    assert "progress: false" in (folder / LOCAL).read_text()
    assert load_settings(folder / SETTINGS).training[1].early_stopping is None


def test_edit_of_what_is_so_already_leaves_no_trace(folder):
    before = content(folder)

    assert edit_run(folder, ["training.0.epochs=2"]) == []

    assert content(folder) == before


def test_edit_waits_for_no_training_except_for_local(folder):
    with run_lock(folder):
        with pytest.raises(RunError, match="one process at a time"):
            edit_run(folder, ["evaluation.bootstrap=7"])
        settings = (folder / SETTINGS).read_bytes()

        found = edit_run(folder, ["local.max_epochs=3"])

    assert found == [Change("local.max_epochs", None, 3)]
    assert (folder / SETTINGS).read_bytes() == settings
    assert "max_epochs: 3" in (folder / LOCAL).read_text()


@pytest.mark.parametrize("text", ["gpus: 2  # both\n", "local:\n  gpus: 2  # both\n"])
def test_edit_keeps_what_local_yaml_says(folder, text):
    (folder / LOCAL).write_text(text)

    assert edit_run(folder, ["local.workers=3"]) == [Change("local.workers", 0, 3)]
    assert edit_run(folder, ["local.gpus=2"]) == []

    lines = (folder / LOCAL).read_text().splitlines()
    assert any("gpus: 2  # both" in line for line in lines)
    assert lines[-1].strip() == "workers: 3"


@pytest.mark.parametrize(
    "text", ["runtime_limits: {max_time_per_run: 7}\n", "condor: {num_cpus: 2}\n"]
)
def test_edit_replaces_names_of_other_frameworks(folder, text):
    (folder / LOCAL).write_text(text)

    edit_run(folder, ["local.max_seconds=90", "local.cluster.cpus=3"])

    local = validate({"local": read_content(folder / LOCAL)}).local
    assert (local.max_seconds, local.cluster.cpus) == (90.0, 3)


def test_edit_changes_anything_before_the_first_checkpoint(tmp_path):
    leave(tmp_path / "run", TWO)

    edit_run(tmp_path / "run", ["seed=9", "training=[{epochs: 1}]"])

    assert load_settings(tmp_path / "run" / SETTINGS).seed == 9
    assert not is_begun(tmp_path / "run")


def test_complete_run_stays_complete_when_nothing_is_to_train(complete):
    edit_run(complete, ["evaluation.bootstrap=7"])

    check_run(complete)
    assert load_settings(complete / SETTINGS).evaluation.bootstrap == 7
    with pytest.raises(RunError, match=r"training.1.epochs: 3 -> 5"):
        edit_run(complete, ["training.1.epochs=5"])


def test_damaged_run_is_not_edited(complete):
    (complete / SETTINGS).write_text("seed: 9\n")

    with pytest.raises(RunError, match="must be the file that was trained"):
        edit_run(complete, ["evaluation.bootstrap=7"])


def test_run_of_an_earlier_version_is_not_edited(complete):
    import shutil

    shutil.rmtree(complete / CHECKPOINTS)

    with pytest.raises(RunError, match=r"must hold the checkpoints.*train again"):
        edit_run(complete, ["evaluation.bootstrap=7"])


def test_folder_must_be_a_run(tmp_path):
    with pytest.raises(RunError, match=r"a folder with settings.yaml.*none"):
        edit_run(tmp_path / "none", ["seed=1"])

    assert not (tmp_path / "none").exists()


def test_append_stage_makes_a_complete_run_go_on(complete, tmp_path):
    append_stage(complete, stage_file(tmp_path, "epochs: 7\nbatch_size: 64\n"))

    settings = load_settings(complete / SETTINGS)
    assert settings.training[:2] == TWO.training
    assert settings.training[2] == Stage(epochs=7, batch_size=64)
    assert is_begun(complete)
    assert not is_complete(complete)


def test_append_stage_takes_a_python_file(folder, tmp_path):
    path = tmp_path / "stage.py"
    path.write_text("settings = {'epochs': 3 + 4}\n")

    append_stage(folder, path)

    assert [one.epochs for one in load_settings(folder / SETTINGS).training] == [
        *(2, 3, 7)
    ]


def test_append_stage_takes_the_words_of_dingo(folder, tmp_path):
    text = "epochs: 4\noptimizer: {type: adam, lr: 1e-5}\n"
    text += "scheduler: {type: cosine, T_max: 4}\n"

    append_stage(folder, stage_file(tmp_path, text))

    stage = load_settings(folder / SETTINGS).training[2]
    assert (stage.epochs, stage.learning_rate, stage.warmup) == (4, 1e-5, 0)
    assert (stage.schedule.kind, stage.schedule.final) == ("cosine", 0.0)


def test_append_stage_replaces_a_stage_to_come(folder, tmp_path):
    append_stage(folder, stage_file(tmp_path, "epochs: 7\n"), 2)

    assert load_settings(folder / SETTINGS).training == (
        TWO.training[0],
        Stage(epochs=7),
    )


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (1, r"must not have begun. Received: --replace 1, and 1 of the 2 stages"),
        (0, r"must name a stage of .*, from 1 to 2. Received: 0"),
        (3, r"must name a stage of .*, from 1 to 2. Received: 3. Append"),
    ],
)
def test_append_stage_replaces_nothing_that_has_begun(
    folder, tmp_path, number, message
):
    before = content(folder)

    with pytest.raises(RunError, match=message):
        append_stage(folder, stage_file(tmp_path, "epochs: 7\n"), number)

    assert content(folder) == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epohcs: 7", r"stage.yaml: unknown key 'training.2.epohcs'. Did you.*epochs"),
        ("training: [{epochs: 7}]", r"stage.yaml: unknown key 'training.2.training'"),
        ("epochs: 0", r"stage.yaml: 'training.2.epochs'.*Received: 0"),
        ("- epochs: 7", r"must hold a mapping"),
    ],
)
def test_append_stage_takes_valid_stages_only(folder, tmp_path, text, message):
    before = content(folder)

    with pytest.raises(SettingsError, match=message):
        append_stage(folder, stage_file(tmp_path, text))

    assert content(folder) == before


def test_commands_print_what_has_changed(folder, tmp_path, capsys):
    edit_command.run(folder, ["training.1.epochs=5"])
    edit_command.run(folder, ["training.1.epochs=5"])
    append_command.run(folder, stage_file(tmp_path, "epochs: 7"), None)
    append_command.run(folder, stage_file(tmp_path, "epochs: 8"), 3)
    append_command.run(folder, stage_file(tmp_path, "epochs: 8"), 3)

    output, remarks = capsys.readouterr()
    assert output.splitlines() == [
        "training.1.epochs: 3 -> 5",
        "training: 2 -> 3 stages",
        "training.2.epochs: 7 -> 8",
    ]
    assert remarks.count("nothing to change") == 2
    assert "goes on with it" in remarks
    with pytest.raises(SettingsError, match=r"must be told what to change"):
        edit_command.run(folder, [])


def test_value_is_found_in_lists_with_and_without_numbers():
    tree = {"a": [{"b": 1, "c": [5, 6]}, {"b": 2}], "d": None}

    assert [value_at(tree, key) for key in ("a.b", "a.1.b", "a.0.c.1", "d")] == [
        *(1, 2, 6, None)
    ]
    for key in ("e", "a.e", "a.7.b", "d.e", "a.b.c"):
        with pytest.raises(LookupError):
            value_at(tree, key)
        with pytest.raises(SettingsError, match=f"Received: '{key}'"):
            check_own_name(tree, key, "edit")
