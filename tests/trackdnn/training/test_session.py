"""From a dataset to a run folder."""

import dataclasses
import logging
import shutil

import numpy as np
import pytest

from trackdnn.data.statistics import ExactStatistics
from trackdnn.errors import (
    MissingExtraError,
    RunError,
    SettingsError,
    Stopped,
    TrainingError,
)
from trackdnn.settings import LocalSettings, ModelSettings, Settings, Stage
from trackdnn.training import session
from trackdnn.training.begin import is_begun, is_complete
from trackdnn.training.run import load_run
from trackdnn.training.session import train


class Report:
    def to_dict(self):
        return {"files": 1}


@dataclasses.dataclass
class Parts:
    """Stands for a `Dataset` without files."""

    train: object
    validation: object
    test: object = None
    report: object = dataclasses.field(default_factory=Report)
    identity: object = None

    @property
    def statistics(self):
        return ExactStatistics(self.train)


@pytest.fixture
def dataset(parts):
    return Parts(*parts)


def settings(options=None, local=None, **model):
    options = {"width": 8, "blocks": 1, **(options or {})}
    return Settings(
        seed=2,
        model=ModelSettings(options=options, **model),
        training=(Stage(epochs=2, batch_size=256),),
        local=local or LocalSettings(),
    )


def test_train_leaves_a_run(dataset, tmp_path):
    run = train(settings(), dataset, tmp_path / "run")

    loaded = load_run(tmp_path / "run")
    assert loaded.summary == run.summary
    assert loaded.settings == settings()
    summary = loaded.summary
    assert summary["architecture"] == "default"
    assert summary["tracks"]["training"]["tracks"] == 1203
    assert set(summary["tracks"]) == {"training", "validation"}
    assert summary["parameters"] == run.model.count_params()
    assert summary["fingerprint"] == settings().fingerprint()
    assert summary["squeezed_inputs"] == []
    assert summary["data"] == {"files": 1}
    lines = (tmp_path / "run" / "history.csv").read_text().splitlines()
    assert len(lines) == 3


def test_train_twice_leaves_the_same_network(dataset, tmp_path):
    one = train(settings(), dataset, tmp_path / "one").model.get_weights()
    two = train(settings(), dataset, tmp_path / "two").model.get_weights()

    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_train_says_what_an_epoch_visits(dataset, tmp_path):
    said = []
    stage = {"epochs": 1, "sampling": {"truth": "equal"}, "weights": "log_pt"}
    chosen = settings().model_copy(update={"training": (Stage(**stage),)})

    run = train(chosen, dataset, tmp_path / "run", say=said.extend)

    smaller = min(run.summary["tracks"]["training"][kind] for kind in ("true", "fake"))
    assert run.summary["sampling"]["tracks"] == 2 * smaller
    assert any(line.startswith("sampling:") for line in said)
    assert any(line.startswith("weights: log_pt") for line in said)
    assert run.summary["stall_seconds"] >= 0


def test_train_writes_event_files_on_request(dataset, tmp_path):
    local = LocalSettings(tracker="tensorboard")

    train(settings(local=local), dataset, tmp_path / "run")

    assert list((tmp_path / "run" / "tensorboard").iterdir())
    load_run(tmp_path / "run")


def test_train_names_inputs_that_are_squeezed(dataset, tmp_path, caplog):
    features = dataset.train.features.copy()
    features[0, 19] = 1e30  # one etaErr, far out
    dataset.train = dataclasses.replace(dataset.train, features=features)
    chosen = settings(sanitizer={"ranges": "extreme"})

    with caplog.at_level(logging.WARNING):
        run = train(chosen, dataset, tmp_path / "run")

    assert "etaErr" in run.summary["squeezed_inputs"]
    assert "squeeze their tracks to a point" in caplog.text


def test_train_fails_on_a_constant_input(dataset, tmp_path):
    features = dataset.train.features.copy()
    features[:, 19] = 0.01  # etaErr
    dataset.train = dataclasses.replace(dataset.train, features=features)

    with pytest.raises(TrainingError, match=r"to a point.*etaErr.*lower_quantile"):
        train(settings(), dataset, tmp_path / "run")


def test_train_leaves_a_complete_run_as_it_is(dataset, tmp_path):
    run = train(settings(), dataset, tmp_path / "run")
    said = []

    again = train(settings(), dataset, tmp_path / "run", say=said.extend)

    assert any("is complete" in line for line in said)
    assert again.summary == run.summary
    other = settings().model_copy(update={"seed": 3})
    with pytest.raises(RunError, match="seed: 2 -> 3"):
        train(other, dataset, tmp_path / "run")
    assert load_run(tmp_path / "run").summary == run.summary


def test_train_goes_on_with_a_new_stage(dataset, tmp_path):
    first = settings()
    train(first, dataset, tmp_path / "run")
    longer = first.model_copy(update={"training": (*first.training, *first.training)})

    run = train(longer, dataset, tmp_path / "run")

    assert run.summary["epochs"] == 4
    whole = train(longer, dataset, tmp_path / "whole")
    for one, other in zip(
        run.model.get_weights(), whole.model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_train_stops_at_a_limit_and_goes_on(dataset, tmp_path):
    limited = settings(local=LocalSettings(max_epochs=1))

    with pytest.raises(Stopped, match=r"limit of a run.*goes on") as stop:
        train(limited, dataset, tmp_path / "run")

    assert stop.value.exit_code == 85
    assert not is_complete(tmp_path / "run")
    run = train(limited, dataset, tmp_path / "run")
    assert run.summary["epochs"] == 2


def test_tracker_and_command_hear_of_the_end_once(dataset, tmp_path, monkeypatch):
    told, run = [], tmp_path / "run"

    class Spy:
        def start(self, rows):
            told.append(("start", len(rows)))

        def epoch(self, row):
            told.append(("epoch", row.epoch))

        def finish(self, status):
            told.append(("finish", status, is_complete(run)))

    monkeypatch.setattr(session, "make_tracker", lambda local, folder: Spy())
    # It may train in the folder: nobody holds it any more.
    command = ["sh", "-c", "test ! -e .lock && echo $TRACKDNN_STATUS >> ended"]
    limited = settings(local=LocalSettings(max_epochs=1, on_finish=command))

    with pytest.raises(Stopped):
        train(limited, dataset, run)
    assert not (run / "ended").exists()
    train(limited, dataset, run)
    train(limited, dataset, run)

    assert told == [
        ("start", 0),
        ("epoch", 1),
        ("finish", "stopped", False),
        ("start", 1),
        ("epoch", 2),
        ("finish", "complete", True),
    ]
    assert (run / "ended").read_text() == "complete\n"


def test_train_names_a_missing_extra_before_it_begins(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(MissingExtraError, match=r"trackdnn\[wandb\]"):
        train(settings(local=LocalSettings(tracker="wandb")), dataset, tmp_path / "run")

    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (settings({"widht": 9}), "model.options.*widht=9. Did you mean 'width'"),
        (settings(vocabulary=(4, 4)), "cannot be built.*each once"),
    ],
)
def test_train_refuses_a_network_that_cannot_be(dataset, tmp_path, chosen, message):
    with pytest.raises(SettingsError, match=message):
        train(chosen, dataset, tmp_path / "run")
    assert not is_complete(tmp_path / "run")
    assert not is_begun(tmp_path / "run")


def test_interrupted_training_leaves_no_run(dataset, tmp_path, monkeypatch):
    from trackdnn.training.loop import StageLoop

    def interrupted(self, row, weights):
        raise KeyboardInterrupt

    monkeypatch.setattr(StageLoop, "_finish", interrupted)

    with pytest.raises(KeyboardInterrupt):
        train(settings(), dataset, tmp_path / "run")
    assert not is_complete(tmp_path / "run")


def test_train_starts_from_another_run(dataset, tmp_path):
    first = train(settings(), dataset, tmp_path / "first")
    said, transfer = [], {"run": str(tmp_path / "first"), "layers": ["^(?!score$)"]}
    stage = Stage(epochs=1, batch_size=256, learning_rate=1e-30, warmup=0.0)
    second = settings(transfer=transfer).model_copy(update={"training": (stage,)})

    run = train(second, dataset, tmp_path / "second", say=said.extend)

    assert any(line.startswith("transfer, loaded: ") for line in said)
    kernels = [each.model.get_layer("stem").kernel.numpy() for each in (first, run)]
    np.testing.assert_allclose(*kernels, atol=1e-6)
    assert run.spec == first.spec
    # What it started from is not needed any more.
    shutil.rmtree(tmp_path / "first")
    assert train(second, dataset, tmp_path / "second").summary == run.summary


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_train_in_few_digits_leaves_a_network_in_float32(dataset, tmp_path, precision):
    run = train(settings(precision=precision), dataset, tmp_path / "run")

    assert {layer.compute_dtype for layer in run.model.layers} == {"float32"}
    loaded = load_run(tmp_path / "run").model
    assert {str(weight.dtype) for weight in loaded.weights} == {"float32"}


def test_part_that_waits_moves_only_once_it_joins(dataset, tmp_path):
    gate = {"layers": ["block_0_dense_1"], "monitor": "loss", "reset": "soft"}
    found = {}
    for name, threshold in (("never", 0.0), ("first", 100.0)):
        stage = Stage(
            epochs=2, batch_size=256, gates=({**gate, "threshold": threshold},)
        )
        chosen = settings().model_copy(update={"training": (stage,)})
        model = train(chosen, dataset, tmp_path / name).model
        found[name] = model.get_layer("block_0_dense_1").bias.numpy()

    assert not found["never"].any()
    assert found["first"].any()
