import pytest
from matplotlib.figure import Figure

from trackdnn.errors import BadFileError
from trackdnn.evaluation.plots.history import has_panels, paint_history, read_history


def write(tmp_path, text):
    path = tmp_path / "history.csv"
    path.write_text(text)
    return path


def test_history_reads_columns_of_numbers(tmp_path):
    path = write(tmp_path, "epoch,loss,stage,gap\n1,0.5,first,\n2,0.4,first,1\n")

    assert read_history(path) == {"epoch": [1.0, 2.0], "loss": [0.5, 0.4]}


def test_history_shows_loss_and_auc():
    figure = Figure()
    columns = {"loss": [0.5, 0.4], "val_loss": [0.6, 0.5], "val_auc": [0.8, 0.9]}

    paint_history(figure, columns)

    assert [axes.get_ylabel() for axes in figure.axes] == ["Loss", "AUC"]
    assert len(figure.axes[0].get_lines()) == 2
    assert len(figure.axes[1].get_lines()) == 1


def test_history_of_one_epoch_can_be_drawn():
    paint_history(Figure(), {"loss": [0.5]})


def test_history_without_figures_has_no_panels():
    assert not has_panels({"epoch": [1.0]})
    assert has_panels({"val_auc": [0.9]})


def test_history_without_epochs_is_an_error(tmp_path):
    with pytest.raises(BadFileError, match="must have at least one epoch"):
        read_history(write(tmp_path, "epoch,loss\n"))


def test_missing_history_is_an_error(tmp_path):
    with pytest.raises(BadFileError, match="must be a readable CSV file"):
        read_history(tmp_path / "absent.csv")
