"""ModelTrainer: it learns, it repeats itself, and it stops when it should."""

import dataclasses
import threading

import keras
import numpy as np
import pytest

from trackdnn.errors import TrainingError
from trackdnn.settings import EarlyStopping, LocalSettings, ModelSettings, Stage
from trackdnn.training.prediction import predict
from trackdnn.training.task import TrackTask
from trackdnn.training.trainer import ModelTrainer


def same_weights(one, other):
    pairs = zip(one.model.get_weights(), other.model.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_trainer_learns_what_can_be_learnt(train):
    result = train(epochs=6, learning_rate=1e-2)

    # One label in ten is wrong: the best possible area is about 0.9.
    assert result.best.val_auc > 0.85
    assert result.history[-1].loss < result.history[0].loss


@pytest.mark.parametrize("options", [{}, {"dropout": 0.2, "category_dropout": 0.1}])
def test_trainer_repeats_itself_bit_for_bit(train, options):
    model = ModelSettings(options={"width": 16, "blocks": 1, **options})

    assert same_weights(train(model=model), train(model=model))


def test_trainer_depends_on_the_seed(train):
    assert not same_weights(train(seed=1), train(seed=2))


def test_trainer_shuffles_each_epoch_anew(train):
    # A step of nearly nothing: the loss of an epoch depends on its order hardly, so
    # two orders differ in rounding, and one order twice does not.
    result = train(epochs=2, learning_rate=1e-12, schedule="constant", warmup=0.0)

    assert result.history[0].loss != result.history[1].loss


@pytest.mark.parametrize("monitor", ["val_auc", "val_loss"])
def test_trainer_keeps_the_best_weights(train, parts, monitor):
    stopping = EarlyStopping(monitor=monitor, patience=2)

    result = train(epochs=12, learning_rate=0.1, early_stopping=stopping)

    values = [getattr(row, monitor) for row in result.history]
    best = np.argmax(values) if monitor == "val_auc" else np.argmin(values)
    assert result.best_epoch == best + 1
    assert result.epochs == min(result.best_epoch + 2, 12)
    assert result.stopped_early == (result.epochs < 12)
    from network.metrics import roc_auc

    again = roc_auc(parts[1].label, predict(result.model, parts[1]))
    assert again == pytest.approx(result.best.val_auc, abs=1e-7)


def test_trainer_validates_the_average_of_the_weights(train, parts):
    from network.metrics import roc_auc

    result = train(ema=0.9)

    assert not same_weights(result, train())
    again = roc_auc(parts[1].label, predict(result.model, parts[1]))
    assert again == pytest.approx(result.best.val_auc, abs=1e-7)
    # The raw weights, not the averages, are trained on: the losses are the same.
    assert [row.loss for row in result.history] == [row.loss for row in train().history]


def test_trainer_weighs_tracks(train):
    assert not same_weights(train(weights="log_pt"), train())
    assert not same_weights(train(weights="algorithm_class"), train())


def test_trainer_takes_either_loss_and_optimizer(train):
    result = train(loss="binary_focal_crossentropy", optimizer="adam")

    assert np.isfinite(result.best.val_loss)


def test_trainer_survives_inputs_that_are_not_finite(train, parts):
    features = parts[0].features.copy()
    features[::7, ::3] = np.nan
    features[::11, ::2] = np.inf
    dirty = dataclasses.replace(parts[0], features=features)

    result = train(data=(dirty, parts[1]))

    assert np.isfinite(result.best.loss)


def test_trainer_names_the_step_where_the_loss_is_lost(train):
    with pytest.raises(TrainingError, match=r"loss=(nan|inf) in epoch \d, step \d+ of"):
        train(
            model=ModelSettings(architecture="cms_run3"),
            learning_rate=1e30,
            warmup=0.0,
        )


@pytest.mark.parametrize("part", [0, 1])
def test_trainer_refuses_one_class(train, parts, part):
    data = list(parts)
    data[part] = dataclasses.replace(parts[part], label=np.ones(len(parts[part]), bool))
    name = ("training", "validation")[part]

    with pytest.raises(TrainingError, match=f"The {name} part must hold true and fake"):
        train(data=data)


def streamed(count, seed, noisy_tracks):
    from tests.trackdnn.data.batches.conftest import DiskPart

    return DiskPart(noisy_tracks(count, seed))


def test_trainer_gives_the_same_network_from_memory_and_from_a_disk(
    train, parts, noisy_tracks
):
    disk = streamed(1203, 1, noisy_tracks), streamed(600, 2, noisy_tracks)

    assert same_weights(train(weights="log_pt"), train(weights="log_pt", data=disk))


@pytest.mark.parametrize("ragged", ["even", "drop", "pad"])
def test_trainer_learns_from_a_stream(train, noisy_tracks, ragged):
    disk = streamed(1203, 1, noisy_tracks), streamed(600, 2, noisy_tracks)
    shuffle = {"buffer": 400, "block": 16}

    result = train(
        data=disk, shuffle=shuffle, ragged=ragged, epochs=6, learning_rate=1e-2
    )

    assert result.best.val_auc > 0.85
    assert result.stall >= 0
    assert not [one for one in threading.enumerate() if "trackdnn" in one.name]


def test_trainer_leaves_no_thread_when_it_is_interrupted(train, noisy_tracks):
    disk = streamed(1203, 1, noisy_tracks)
    reads = iter(range(30))

    def read_into(start, stop, out):
        if next(reads) == 20:
            raise KeyboardInterrupt
        for name, array in out.items():
            array[:] = np.asarray(disk.column(name))[start:stop]

    disk.read_into = read_into

    with pytest.raises(KeyboardInterrupt):
        train(data=(disk, noisy_tracks(600, 2)), shuffle={"buffer": 400, "block": 16})
    assert not [one for one in threading.enumerate() if "trackdnn" in one.name]


class Listener(keras.callbacks.Callback):
    """Notes what it hears, and stops the second epoch's stage."""

    def __init__(self):
        super().__init__()
        self.heard = []

    def on_train_begin(self, logs=None):
        self.heard.append("begin")

    def on_epoch_begin(self, epoch, logs=None):
        self.heard.append(f"epoch {epoch}")

    def on_train_batch_end(self, batch, logs=None):
        self.heard.append(f"batch {batch}")
        assert logs["loss"] > 0

    def on_epoch_end(self, epoch, logs=None):
        self.heard.append(f"end of {epoch}")
        assert {"loss", "val_loss", "val_auc", "learning_rate"} <= set(logs)
        if epoch == 1:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        self.heard.append("end")


def test_trainer_tells_callbacks_and_listens_to_them(parts, small):
    from network.builder import ModelBuilder
    from trackdnn.training.fitting import fit_spec

    builder = ModelBuilder(small)
    spec = fit_spec(small, builder.preset, parts[0])
    stages = [Stage(epochs=5, batch_size=256), Stage(epochs=1, batch_size=256)]
    listener = Listener()

    result = ModelTrainer(stages, LocalSettings(), 1).train(
        lambda: builder.build(spec), TrackTask(*parts), callbacks=[listener]
    )

    assert [(row.stage, row.epoch) for row in result.history] == [
        (1, 1),
        (1, 2),
        (2, 1),
    ]
    # 1203 tracks make five batches, which are one call; epochs count all that could be.
    said = ("epoch {}", "batch 4", "end of {}")
    expected = [words.format(number) for number in (0, 1, 5) for words in said]
    assert listener.heard == ["begin", *expected, "end"]
