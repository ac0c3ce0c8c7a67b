"""Every malformed event gives one clear line; odd but whole ones are read."""

import gzip
import os

import numpy as np
import pytest

from benchmarks import malformed_cases, malformed_events
from benchmarks.malformed_cases import CASES, HITS, TRUTH, Case
from benchmarks.small_events import ACTS_FILES, TRACKML_FILES, write_files
from benchmarks.spoil import (
    append,
    bytes_of,
    cut,
    everywhere,
    header_of,
    nothing,
    without,
)
from trackdnn.errors import BadFileError
from trackdnn.events.open import open_events


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_malformed_event_is_refused_in_one_line(case, tmp_path):
    text = malformed_events.refusal(case, tmp_path / "event")

    assert malformed_events.is_clear(case, text), text


def test_cases_are_many_and_different():
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


def _read(folder, change, files=TRACKML_FILES):
    write_files(folder, files)
    change(folder)
    (source,) = open_events([folder])
    return source.load()


@pytest.mark.parametrize("files", [TRACKML_FILES, ACTS_FILES], ids=["TrackML", "ACTS"])
def test_whole_event_is_read(files, tmp_path):
    event = _read(tmp_path / "event", nothing, files)

    assert len(event) in (5, 6)
    assert len(event.particles) == 3


@pytest.mark.parametrize(
    "change",
    [
        everywhere(HITS, "\n", "\r\n"),
        bytes_of(HITS, lambda old: b"\xef\xbb\xbf" + old),
        append(HITS, "\n\n"),
        bytes_of(HITS, cut(1)),
        everywhere(HITS, ",", ", "),
        bytes_of(HITS, lambda old: b"\n".join(_numbered(old))),
        bytes_of(HITS, gzip.compress, HITS + ".gz"),
        bytes_of(TRUTH, gzip.compress, TRUTH + ".gz"),
        bytes_of(TRUTH, lambda old: b"\n".join(_turned(old))),
    ],
)
def test_odd_but_whole_files_are_read_as_ever(change, tmp_path):
    expected = _read(tmp_path / "whole", nothing)

    event = _read(tmp_path / "odd", change)

    np.testing.assert_array_equal(event.hits.x, expected.hits.x)
    np.testing.assert_array_equal(event.truth.particle_id, expected.truth.particle_id)


def _numbered(content):
    """With an unnamed first column, as pandas writes it."""
    head, *rows = content.strip().split(b"\n")
    return [b"," + head, *(b"%d,%b" % pair for pair in enumerate(rows))]


def _turned(content):
    head, *rows = content.strip().split(b"\n")
    return [head, *reversed(rows)]


def test_files_with_a_header_only_are_an_empty_event(tmp_path):
    files = [name for name in TRACKML_FILES if name != "detectors.csv"]

    def change(folder):
        for name in files:
            bytes_of(name, header_of)(folder)

    event = _read(tmp_path / "event", change)

    assert len(event) == len(event.truth) == len(event.particles) == 0
    assert event.clusters.shape == (0, 9)


def test_event_with_hits_only_is_read(tmp_path):
    others = [name for name in TRACKML_FILES if name != HITS]

    event = _read(tmp_path / "event", without(*others))

    assert len(event) == 6
    assert (event.truth, event.particles, event.clusters) == (None, None, None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission_is_named(tmp_path):
    with pytest.raises(BadFileError, match=f"{HITS}' must be a file that can be read"):
        _read(tmp_path / "event", lambda folder: (folder / HITS).chmod(0))


def test_benchmark_says_how_many_are_clear(capsys):
    assert malformed_events.main(["--quiet"]) == 0

    count = len(CASES)
    assert capsys.readouterr().out == f"{count} of {count} refused clearly\n"


def test_benchmark_tells_of_what_is_not_clear(monkeypatch, capsys):
    wrong = Case("nothing wrong", nothing, ("wrong",))
    monkeypatch.setattr(malformed_events, "CASES", (malformed_cases.CASES[0], wrong))

    assert malformed_events.main([]) == 1
    out = capsys.readouterr().out
    assert "read without a word" in out
    assert out.endswith("1 of 2 refused clearly\n")


def test_benchmark_takes_a_bug_for_no_refusal(monkeypatch, tmp_path):
    def burst(*_, **__):
        raise ZeroDivisionError("a bug must not Received: as an answer")

    monkeypatch.setattr(malformed_events, "open_events", burst)

    text = malformed_events.refusal(Case("bug", nothing, ()), tmp_path / "event")

    assert text.startswith("traceback of ZeroDivisionError")
    assert not malformed_events.is_clear(Case("bug", nothing, ()), text)
