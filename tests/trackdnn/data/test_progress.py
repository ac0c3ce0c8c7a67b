"""The bar is silent away from a terminal."""

from __future__ import annotations

import pytest

from trackdnn.data.progress import preparing_progress, reading_progress


@pytest.mark.parametrize("enabled", [True, False])
def test_reading_progress_writes_nothing_into_a_pipe(tmp_path, capsys, enabled):
    path = tmp_path / "a.root"
    path.write_bytes(b"x" * 10)

    with reading_progress([path, tmp_path / "gone.root"], enabled=enabled) as advance:
        advance(path, 0.5, 7)

    captured = capsys.readouterr()
    assert captured.out == captured.err.strip() == ""


def test_reading_progress_shows_tracks_on_a_terminal(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    path = tmp_path / "a.root"
    path.write_bytes(b"x" * 10)

    with reading_progress([path], enabled=True) as advance:
        advance(path, 1.0, 1234)

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "a.root" in captured.err
    assert "1,234 tracks" in captured.err


@pytest.mark.parametrize("terminal", [True, False])
def test_preparing_progress_shows_bytes_on_a_terminal(capsys, monkeypatch, terminal):
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")

    with preparing_progress(3_000_000, enabled=True) as done:
        done(1_000_000, 1000)
        done(2_000_000, 234)

    captured = capsys.readouterr()
    assert captured.out == ""
    assert ("1,234 tracks" in captured.err) == terminal
    assert ("3.0/3.0 MB" in captured.err) == terminal


def test_preparing_progress_counts_other_things(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")

    with preparing_progress(10, enabled=True, things="hits") as done:
        done(10, 1234)

    assert "1,234 hits" in capsys.readouterr().err
