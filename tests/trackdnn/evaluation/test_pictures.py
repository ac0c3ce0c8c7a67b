import numpy as np

from trackdnn.evaluation import pictures
from trackdnn.evaluation.evaluate import evaluate
from trackdnn.evaluation.plots import style
from trackdnn.evaluation.scored import from_probability
from trackdnn.settings import EvaluationSettings

QUICK = EvaluationSettings(bootstrap=0, importance_repeats=0)


def test_picture_has_a_size_of_its_own_or_the_usual_one():
    assert pictures.Picture("roc", lambda figure: None).size == (8.0, 7.0)


def test_pictures_follow_what_was_measured(tracks, predict, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        style, "draw", lambda folder, name, paint, size: drawn.append(name) or []
    )
    result = evaluate(predict, tracks, QUICK, tmp_path)
    before, seen = list(drawn), []
    drawn.clear()

    pictures.draw_pictures(
        result,
        tracks,
        [from_probability("network", "Network", predict(tracks))],
        training=(np.zeros(2, np.float32), np.array([True, False])),
        history_file=None,
        progress=lambda done, total: seen.append((done, total)),
    )

    assert drawn == [name for name in before if name != "scores_trk_mva"]
    assert "importance" not in drawn
    assert seen[-1] == (len(drawn), len(drawn))
