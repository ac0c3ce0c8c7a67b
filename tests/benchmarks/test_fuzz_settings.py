"""A few hundred files of the campaign; all of it is run by hand."""

import pytest

from benchmarks import fuzz_settings
from benchmarks.fuzz_settings import REFUSED, VALID, WRONG, judge, report, run
from benchmarks.settings_files import SettingsFile


def file(text, suffix=".yaml"):
    return SettingsFile("test", suffix, text.encode())


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_no_settings_file_ends_in_a_traceback():
    outcomes = run(100)

    assert [one for one in outcomes if one.verdict == WRONG] == []
    assert len({one.file.kind for one in outcomes}) >= 7
    assert sum(one.verdict == VALID for one in outcomes) > 10


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_no_settings_file_of_many_ends_in_a_traceback():
    assert all(one.verdict != WRONG for one in run(10_000))


@pytest.mark.parametrize(
    ("text", "verdict"), [("seed: 3", VALID), ("sed: 3", REFUSED), ("seed: [", REFUSED)]
)
def test_judge_tells_what_is_valid(tmp_path, text, verdict):
    outcome = judge(file(text), tmp_path)

    assert outcome.verdict == verdict
    assert outcome.seconds > 0


@pytest.mark.parametrize("error", [KeyError("x"), SystemExit(0), RecursionError()])
def test_judge_catches_whatever_is_let_through(tmp_path, monkeypatch, error):
    def fail(words):
        raise error

    monkeypatch.setattr(fuzz_settings, "command_line", fail)

    outcome = judge(file("seed: 3"), tmp_path)

    assert outcome.verdict == WRONG
    assert type(error).__name__ in outcome.message


def test_judge_looks_at_what_was_said(tmp_path, monkeypatch):
    def chatter(words):
        import sys

        sys.stderr.write("error: a\nof two lines\n")
        return 2

    monkeypatch.setattr(fuzz_settings, "command_line", chatter)

    assert judge(file("seed: 3"), tmp_path).verdict == WRONG


def test_report_counts_by_kind(tmp_path):
    outcomes = [judge(file(text), tmp_path) for text in ("seed: 3", "seed: x")]

    text = report(outcomes)

    assert "| test | 2 | 1 | 1 | 0 |" in text
    assert "| all | 2 | 1 | 1 | 0 |" in text


def test_main_says_what_was_wrong(monkeypatch, capsys):
    assert fuzz_settings.main(["--files", "5"]) == 0
    monkeypatch.setattr(fuzz_settings, "command_line", lambda words: 1)

    assert fuzz_settings.main(["--files", "5"]) == 1
    assert "exit code 1" in capsys.readouterr().out
