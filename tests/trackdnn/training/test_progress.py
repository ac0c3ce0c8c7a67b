"""Progress: on stderr, on a terminal only, and as log messages elsewhere."""

import io
import logging

import pytest
from rich.console import Console

from tests.trackdnn.training.test_history import ROW
from trackdnn.training import progress


def test_progress_is_silent_where_there_is_no_terminal(capsys, caplog):
    caplog.set_level(logging.INFO)

    with progress.training_progress(5, 100, enabled=True) as shown:
        shown.advance(50, 0.5)
        shown.finish_epoch(ROW)

    assert capsys.readouterr() == ("", "")
    assert [record.message for record in caplog.records] == [ROW.line(5)]


@pytest.mark.parametrize("enabled", [True, False])
def test_progress_shows_on_a_terminal_if_wanted(monkeypatch, enabled):
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=150, color_system=None)
    monkeypatch.setattr(progress, "Console", lambda **_: console)

    with progress.training_progress(5, 100, enabled=enabled) as shown:
        shown.advance(50, 0.5)
        shown.finish_epoch(ROW)

    assert (ROW.line(5) in screen.getvalue()) == enabled
    assert ("loss 0.5000" in screen.getvalue()) == enabled
