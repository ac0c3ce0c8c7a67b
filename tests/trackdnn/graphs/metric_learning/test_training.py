"""Places are learned, the same with and without an interruption."""

import numpy as np
import pytest

from tests.trackdnn.graphs.metric_learning.small import STAGE, events, small
from trackdnn.errors import InputError, Stopped
from trackdnn.graphs.metric_learning.training import INPUTS, learn
from trackdnn.training.watch import Watch


class StopAt(Watch):
    """Stops at the `count`-th question."""

    def __init__(self, count):
        super().__init__()
        self._left = count

    def must_stop(self, *, between_epochs):
        self._left -= 1
        return Stopped("enough", 85) if self._left <= 0 else None


def trained(settings, given=None, **options):
    given = events() if given is None else given
    return learn(settings, iter(given), seed=1, progress=False, **options)


@pytest.fixture(scope="module")
def whole():
    return trained(small())


def test_places_are_learned(whole):
    losses = [row.val_loss for row in whole.history]

    assert losses[-1] < losses[0]
    figures = [row.metrics for row in whole.history]
    assert all(0 <= each["edge_efficiency"] <= 1 for each in figures)


@pytest.mark.parametrize("count", [2, pytest.param(7, marks=pytest.mark.slow)], ids=str)
def test_interrupted_training_is_the_uninterrupted_one(whole, tmp_path, count):
    with pytest.raises(Stopped):
        trained(small(), folder=tmp_path, watch=StopAt(count))

    # The events lie there: nothing is asked for again.
    found = learn(small(), refuse(), seed=1, progress=False, folder=tmp_path)

    pairs = zip(found.model.get_weights(), whole.model.get_weights(), strict=True)
    for one, other in pairs:
        np.testing.assert_array_equal(one, other)
    assert [row.loss for row in found.history] == [row.loss for row in whole.history]
    assert [row.metrics for row in found.history] == [
        row.metrics for row in whole.history
    ]


def refuse():
    raise AssertionError("the events were gone through again")
    yield


@pytest.mark.slow
def test_half_of_the_events_is_no_training(whole, tmp_path):
    def broken():
        yield from events()[:3]
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        learn(small(), broken(), seed=1, progress=False, folder=tmp_path)
    assert not (tmp_path / INPUTS).exists()

    found = trained(small(), folder=tmp_path)

    assert [row.loss for row in found.history] == [row.loss for row in whole.history]


@pytest.mark.slow
def test_nothing_is_left_where_no_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    trained(small(stages=[{**STAGE, "epochs": 1}]))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [0, 1])
def test_events_without_true_edges_teach_nothing(number):
    given = [*events(number), *events(3, particles=0)]

    with pytest.raises(InputError, match=f"two events .* Received: {number}"):
        trained(small(), given)
