import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.graphs.progress import stepping, watched


@pytest.mark.parametrize("terminal", ["", "1"])
def test_watched_events_are_the_same(monkeypatch, capsys, terminal):
    monkeypatch.setenv("FORCE_COLOR", terminal)
    events = [toy_event(1, name=name) for name in "abc"]

    found = list(watched(iter(events), enabled=True, what="counting", total=3))

    assert found == events
    printed = capsys.readouterr()
    assert printed.out == ""
    assert ("counting" in printed.err) == bool(terminal)


def test_nothing_is_shown_to_who_wants_quiet(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")

    assert list(watched([], enabled=False, what="counting")) == []

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("terminal", ["", "1"])
def test_stepping_shows_steps_where_people_look(monkeypatch, capsys, terminal):
    monkeypatch.setenv("FORCE_COLOR", terminal)

    with stepping("choosing", 2, enabled=True) as step:
        step()
        step()

    printed = capsys.readouterr()
    assert printed.out == ""
    assert ("choosing" in printed.err) == bool(terminal)


def test_stepping_in_quiet_shows_nothing(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")

    with stepping("choosing", 1, enabled=False) as step:
        step()

    assert capsys.readouterr().err == ""
