import importlib.util
import sys

import pytest

from trackdnn.errors import MissingExtraError
from trackdnn.settings import LocalSettings
from trackdnn.training.trackers.make import check_tracker, make_tracker
from trackdnn.training.trackers.tensorboard import TensorBoardTracker
from trackdnn.training.trackers.wandb import WandbTracker


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("none", type(None)),
        ("tensorboard", TensorBoardTracker),
        ("wandb", WandbTracker),
    ],
)
def test_settings_name_the_tracker(tmp_path, name, kind):
    made = make_tracker(LocalSettings(tracker=name), tmp_path)

    assert isinstance(made, kind)
    # Nothing is written before a training starts.
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["tensorboard", "wandb"])
def test_missing_extra_is_named_before_anything_else(name, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(
        MissingExtraError, match=rf"local.tracker='{name}'.*trackdnn\[{name}\]"
    ):
        check_tracker(LocalSettings(tracker=name))
    check_tracker(LocalSettings())


def test_folder_of_that_name_is_no_package(tmp_path, monkeypatch):
    (tmp_path / "wandb").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "wandb", raising=False)
    assert importlib.util.find_spec("wandb") is not None

    with pytest.raises(MissingExtraError, match="Weights & Biases"):
        check_tracker(LocalSettings(tracker="wandb"))
