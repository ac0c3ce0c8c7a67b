import numpy as np

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.builders.chains import chains, particles_of, sets_of
from trackdnn.settings.finding import ComponentsSettings
from trackdnn.tracking.builders.components import Components


def test_components_are_the_particles_where_scores_tell_them_apart():
    event = toy_event(50, noise=20)
    graph = chains(event, false=200)

    tracks = Components(ComponentsSettings(cut=0.5)).build(event, graph)

    assert sets_of(tracks) == particles_of(event)


def test_components_join_what_one_false_edge_joins():
    event = toy_event(50)
    graph = chains(event, false=200)

    tracks = Components(ComponentsSettings(cut=0.1)).build(event, graph)

    assert max(tracks.lengths) > 10


def test_components_leave_short_ones_out():
    event = toy_event(50)
    settings = ComponentsSettings(min_hits=10)

    tracks = Components(settings).build(event, chains(event))

    assert sets_of(tracks) == particles_of(event, least=10)
    assert 0 < len(tracks) < 50


def test_components_cut_is_exclusive():
    event = toy_event(2)
    graph = chains(event)
    same = graph.scored(np.full(len(graph), 0.5, dtype="f4"))

    assert len(Components(ComponentsSettings(cut=0.5)).build(event, same)) == 0
