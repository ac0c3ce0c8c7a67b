import pytest

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.builders.chains import chains
from trackdnn.errors import InputError
from trackdnn.events.event import without_truth
from trackdnn.settings.finding import FindingSettings
from trackdnn.tracking.builder import make_builder
from trackdnn.tracking.contingency import contingency_of
from trackdnn.tracking.judgement import verdicts
from trackdnn.tracking.presets import definitions
from trackdnn.tracking.selection.fitting import fit_selection

SETTINGS = FindingSettings.model_validate({"selection": {"enabled": True, "trees": 20}})


def toy_events(number, start=0):
    return [toy_event(40, noise=40, seed=start + one) for one in range(number)]


def finding(events):
    """Tracks of graphs with so many good-looking false edges that some are fakes."""
    graphs = {
        event.hits.x.tobytes(): chains(event, false=600, bad=(0.0, 0.95))
        for event in events
    }

    def find(event):
        assert event.truth is None
        graph = graphs[event.hits.x.tobytes()]
        return graph, make_builder(SETTINGS).build(event, graph)

    return find


def test_fitting_tells_fakes_of_other_events_from_true_tracks():
    events, other = toy_events(6), toy_events(1, start=50)[0]
    made = fit_selection(SETTINGS, events, finding(events), seed=1, threads=1)

    blind = without_truth(other)
    graph, tracks = finding([other])(blind)
    score = made.score(blind, graph, tracks)

    verdict = verdicts(
        other, contingency_of(other, tracks), definitions(SETTINGS.judgement)[0]
    )
    assert verdict.fake.sum() > 10
    assert score[verdict.fake].mean() < score[~verdict.fake].mean() - 0.3


def test_fitting_gives_the_same_selection_again(tmp_path):
    events = toy_events(2)
    for name in ("first", "again"):
        (tmp_path / name).mkdir()
        made = fit_selection(SETTINGS, events, finding(events), seed=2, threads=1)
        made.save(tmp_path / name)

    files = [path.read_bytes() for path in sorted(tmp_path.rglob("*.onnx"))]
    assert files[0] == files[1]


def test_fitting_must_see_fakes():
    events = toy_events(1)
    find = {"graph": chains(events[0])}

    def perfect(event):
        return find["graph"], make_builder(SETTINGS).build(event, find["graph"])

    with pytest.raises(InputError, match=r"true and fake ones\. Received: \d+ true"):
        fit_selection(SETTINGS, events, perfect, seed=1)


def test_fitting_of_no_event_is_refused():
    with pytest.raises(InputError, match="0 true and 0 fake"):
        fit_selection(SETTINGS, [], lambda event: None, seed=1)
