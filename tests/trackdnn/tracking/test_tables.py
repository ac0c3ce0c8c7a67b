from tests.trackdnn.toy_events import toy_event
from trackdnn.evaluation.intervals import fraction
from trackdnn.settings.finding import JudgementSettings
from trackdnn.tracking.found import from_labels
from trackdnn.tracking.judgement import Judgement, judge
from trackdnn.tracking.presets import definitions
from trackdnn.tracking.score import Score
from trackdnn.tracking.tables import HEADINGS, footnotes, rows, score_lines, text


def judged():
    event = toy_event(30, noise=10)
    return judge(event, from_labels(event.owner()), definitions(JudgementSettings()))


def test_table_has_finders_below_each_other():
    one = judged()

    table = rows({"ours": one, "ckf": one}, 0.683)

    assert [row[0] for row in table] == ["ours", "ckf"] * len(one.counts)
    assert {len(row) for row in table} == {len(HEADINGS)}
    assert {row[1] for row in table} == {"trackdnn"}


def test_table_gives_rates_with_their_intervals():
    assert text(fraction(90, 100, 0.683)) == "0.9000 -0.0396 +0.0303"
    assert text(fraction(0, 0, 0.683)) == "-"


def test_table_tells_weights_that_do_not_sum_to_one():
    whole = Judgement(score=Score(events=2, weight=1.5, total=2.0, normalised=1.5))
    thin = Judgement(score=Score(events=1, weight=0.04, total=0.05, normalised=0.8))

    assert score_lines({"a": whole}) == ["a: TrackML score 0.750000"]
    line = score_lines({"b": thin})[0]
    assert line == (
        "b: TrackML score 0.800000 (0.040000 with weights that sum to 0.050000)"
    )
    assert score_lines({"c": Judgement()}) == [
        "c: no TrackML score, no hit has a weight"
    ]


def test_table_says_once_what_each_preset_asks_for():
    one = judged()

    assert footnotes({"ours": one, "ckf": one}) == [str(next(iter(one.counts)))]
