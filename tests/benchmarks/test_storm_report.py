"""Kills are counted by their place, and what differs is not called equal."""

from benchmarks.storm_report import Storm, report

GOOD, BAD = ("w", "h"), ("x", "h")


def test_report_counts_kills_by_their_place():
    kills = [(0, 0, 0, ""), (1, 1, 32, "?"), (2, 0, 0, "arrays"), (3, 0, 0, "")]
    kills.append((2, 1, 0, "~"))
    storm = Storm(kills, [1.0, 2.0, 3.0], 5, 1, ["run-1: exit code 2"], [GOOD, BAD])

    text = report(storm, GOOD)

    for line in (
        "| kills | 5 |",
        "| by chance within a checkpoint write | 1 |",
        "| aimed at a moment of a checkpoint write | 1 |",
        "| outside, while a life prepares its first step | 1 |",
        "| outside, later | 2 |",
        "| starts that found the run complete | 1 |",
        "| final weights equal | 1 |",
        "| histories equal | 2 |",
        "| median seconds from a start to the first step | 2.00 |",
        "| stage 1, before its first step | 1 |",
        "| stage 1, epoch 2 | 1 |",
        "| stage 2, epoch 2 | 1 |",
        "| stage 2, before its first step | 1 |",
        "| after the last stage | 1 |",
        "| arrays | 1 |",
        "run-1: exit code 2",
    ):
        assert line in text
