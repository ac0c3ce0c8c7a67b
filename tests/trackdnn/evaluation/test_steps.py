import io
import sys

from trackdnn.evaluation.steps import show_steps


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_no_bar_without_a_terminal(capsys):
    with show_steps(progress=True) as advance:
        advance("scores", 1, 2)

    assert capsys.readouterr() == ("", "")


def test_bar_on_a_terminal_goes_to_stderr(capsys, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")

    with show_steps(progress=True) as advance:
        advance("pictures", 2, 2)

    assert "pictures" in terminal.getvalue()
    assert capsys.readouterr().out == ""


def test_no_bar_when_not_wanted(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    with show_steps(progress=False) as advance:
        advance("pictures", 2, 2)

    assert terminal.getvalue() == ""
