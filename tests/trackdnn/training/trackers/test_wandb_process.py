"""What Weights & Biases are told, with a stand-in for them."""

import sys
import types

import pytest

from tests.trackdnn.training.test_history import row
from trackdnn.errors import RunError
from trackdnn.training.history import write_history
from trackdnn.training.trackers import wandb_process as tested
from trackdnn.training.trackers.record import LOCK, Record, read_record
from trackdnn.training.trackers.wandb_process import config_of, follow, start_wandb

HISTORY = [row(1), row(2), row(1, stage=2, val_auc=0.99, metrics={"purity": 0.5})]
SETTINGS = """
seed: 3
data: {prepared: /secret, samples: [{name: a, files: [/secret]}], split: {seed: 1}}
training: [{epochs: 2}]
local: {on_finish: [mail, me]}
"""


class Fake:
    """Stands for a run of `wandb`."""

    def __init__(self):
        self.arguments, self.steps, self.logged = {}, [], []
        self.summary, self.preempting, self.code = {}, False, None

    def init(self, **arguments):
        self.arguments = arguments
        return self

    def log(self, values, step):
        self.steps.append(step)
        self.logged.append(values)

    def mark_preempting(self):
        self.preempting = True

    def finish(self, exit_code):
        self.code = exit_code


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "first"
    folder.mkdir()
    (folder / "settings.yaml").write_text(SETTINGS)
    (folder / "summary.json").write_text('{"val_auc": 0.99, "seed": 3, "data": {}}')
    return folder


def tell(run, history, orders, **options):
    fake = Fake()

    def orders_as_the_history_grows():
        for order in orders:
            write_history(run, HISTORY[:history])
            yield f"{order}\n"

    follow(run, options, orders_as_the_history_grows(), fake.init)
    return fake


def test_epochs_are_sent_with_steps_over_all_stages(run):
    fake = tell(run, 3, ["epoch", "epoch", "complete"])

    assert fake.steps == [1, 2, 3]
    assert [one["stage"] for one in fake.logged] == [1, 1, 2]
    assert fake.logged[2]["val_auc"] == 0.99
    assert fake.logged[2]["purity"] == 0.5
    assert fake.summary == {"val_auc": 0.99, "seed": 3}
    assert (fake.code, fake.preempting) == (0, False)


def test_run_is_named_and_described(run):
    fake = tell(run, 0, [], project="p", tags=["x"])

    arguments = fake.arguments
    assert arguments["name"] == "first"
    assert (arguments["project"], arguments["tags"]) == ("p", ["x"])
    assert arguments["resume"] == "allow"
    assert arguments["config"] == {
        "seed": 3,
        "data": {"split": {"seed": 1}},
        "training": [{"epochs": 2}],
    }
    assert config_of(run) == arguments["config"]


@pytest.mark.parametrize(("known", "expected"), [(1, [3]), (2, [3]), (3, [3])])
def test_run_that_goes_on_has_its_id_and_each_epoch_once(run, known, expected):
    first = tell(run, 2, ["epoch", "stopped"])

    # It goes on from any checkpoint, and repeats epochs that were sent.
    fake = Fake()

    def orders():
        for count in range(known, 4):
            write_history(run, HISTORY[:count])
            yield "epoch\n"
        yield "complete\n"

    follow(run, {}, orders(), fake.init)

    assert fake.arguments["id"] == first.arguments["id"] == read_record(run).id
    assert (first.steps, fake.steps) == ([1, 2], expected)
    assert (first.code, first.preempting) == (85, True)


def test_epochs_that_were_not_sent_are_made_up_for(run):
    tell(run, 1, ["epoch"])

    assert tell(run, 3, ["epoch", "complete"]).steps == [2, 3]


def test_training_that_dies_has_failed(run):
    assert tell(run, 1, ["epoch"]).code == 1


def test_chosen_id_is_used(run):
    Record("wandb", "before", 2).write(run)

    fake = tell(run, 3, ["epoch", "complete"], id="chosen")

    assert fake.arguments["id"] == "chosen"
    assert fake.steps == [1, 2, 3]


def test_process_says_why_it_cannot_go_on(run):
    def broken():
        (run / "history.jsonl").write_text("no row\n")
        yield "epoch\n"

    with pytest.raises(RunError, match="one epoch per line"):
        follow(run, {}, broken(), Fake().init)
    assert not (run / LOCK).exists()


def test_limits_are_set_for_the_network_only(run):
    limits = []

    follow(run, {}, ["complete"], Fake().init, limits.append)

    assert limits == [0, tested.ENDING]


def test_wandb_writes_below_the_run(run, monkeypatch):
    fake, settings = Fake(), {}
    module = types.SimpleNamespace(init=fake.init, Settings=lambda **one: one)
    monkeypatch.setitem(sys.modules, "wandb", module)
    for name in ("WANDB_CACHE_DIR", "WANDB_DATA_DIR", "WANDB_ERROR_REPORTING"):
        monkeypatch.setenv(name, "as somebody has set it")

    start_wandb(run)(id="a")

    settings = fake.arguments["settings"]
    assert fake.arguments["id"] == "a"
    assert settings["root_dir"] == str(run)
    assert settings["console"] == "off"
    assert 0 < settings["finish_timeout"] < tested.ENDING
    assert 0 < settings["init_timeout"] < tested.STARTING
