"""What TensorBoard shows: each epoch once, counted over stages, after resumes too."""

import pytest

from tests.trackdnn.training.test_history import row
from trackdnn.training.history import COLUMNS
from trackdnn.training.trackers.tensorboard import TensorBoardTracker, last_step

pytest.importorskip("tensorboard")


def tell(folder, before, rows):
    """A training that goes on after some rows, and is killed or ends."""
    tracker = TensorBoardTracker(folder)
    tracker.start(before)
    for one in rows:
        tracker.epoch(one)
    tracker.finish("complete")
    # Within a second the names have no order.
    for path in folder.glob("*.tfevents.*.*"):
        path.rename(folder / f"events.out.tfevents.{len(list(folder.iterdir())):010d}")


def shown(folder, tag="val_auc"):
    """Step and value of each point, as TensorBoard reads them."""
    from tensorboard.backend.event_processing.plugin_event_accumulator import (
        EventAccumulator,
    )
    from tensorboard.util.tensor_util import make_ndarray

    found = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    found.Reload()
    return [
        (one.step, round(float(make_ndarray(one.tensor_proto)), 4))
        for one in found.Tensors(tag)
    ]


def rows(*places, value=0.5):
    return [row(epoch, stage, val_auc=value) for stage, epoch in places]


def test_epoch_is_one_record_with_a_value_per_column(tmp_path):
    tell(tmp_path, [], [row(1, rates={"bias": 0.5}, metrics={"purity": 2.0})])

    assert shown(tmp_path, "rates/bias") == [(1, 0.5)]
    assert shown(tmp_path, "purity") == [(1, 2.0)]
    for name in COLUMNS:
        assert len(shown(tmp_path, name)) == 1


def test_steps_go_on_over_stages(tmp_path):
    tell(tmp_path, [], rows((1, 1), (1, 2), (2, 1), (2, 2)))

    assert [step for step, _ in shown(tmp_path)] == [1, 2, 3, 4]
    assert last_step(tmp_path) == 4


@pytest.mark.parametrize("known", [0, 1, 2, 3])
def test_training_that_goes_back_shows_each_epoch_once(tmp_path, known):
    before = rows((1, 1), (1, 2), (2, 1), value=0.25)
    tell(tmp_path, [], before)

    again = rows((1, 1), (1, 2), (2, 1), (2, 2), value=0.75)
    tell(tmp_path, before[:known], again[known:])

    expected = [(step, 0.25 if step <= known else 0.75) for step in (1, 2, 3, 4)]
    assert shown(tmp_path) == expected


def test_epochs_that_were_missed_are_made_up_for(tmp_path):
    tell(tmp_path, [], rows((1, 1)))

    # Killed after the checkpoint of the second epoch, before it was told.
    tell(tmp_path, rows((1, 1), (1, 2)), rows((1, 3)))

    assert [step for step, _ in shown(tmp_path)] == [1, 2, 3]


def test_half_a_record_does_not_count(tmp_path):
    tell(tmp_path, [], rows((1, 1), (1, 2)))
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-20])

    tell(tmp_path, rows((1, 1), (1, 2)), rows((1, 3)))

    assert [step for step, _ in shown(tmp_path)] == [1, 2, 3]
    assert last_step(tmp_path / "nowhere") == 0


def test_epoch_that_is_told_twice_is_written_once(tmp_path):
    tell(tmp_path, [], rows((1, 1), (1, 1), (2, 1)))

    assert [step for step, _ in shown(tmp_path)] == [1, 2]
