"""The bar is silent away from a terminal."""

from __future__ import annotations

import pytest

from trackdnn.data.progress import reading_progress


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
