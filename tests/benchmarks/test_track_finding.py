import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import track_finding as benchmark
from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import SettingsError
from trackdnn.events.open import open_events
from trackdnn.graphs.graph import graph_of
from trackdnn.graphs.truth_graphs import true_edges
from trackdnn.settings.finding import FindingSettings
from trackdnn.tracking.pipeline.finder import Finder

SAMPLES = Path(__file__).parents[2] / "samples" / "events"
EVENT = toy_event(60, noise=30)


class Source:
    name = EVENT.name

    def load(self):
        return EVENT


class Known:
    """Gives the true edges but every tenth, whatever event it is asked for."""

    def build(self, event):
        edges = true_edges(EVENT, "eom")
        kept = np.delete(edges, np.s_[::10], axis=1)
        return graph_of(event, kept, np.ones(kept.shape[1], dtype="f4"))


class Half:
    """Leaves every other edge."""

    def apply(self, event, graph):
        return graph.take(np.arange(0, len(graph), 2))


def finder(edge_filter=None, network=None):
    settings = FindingSettings(builder="components")
    return Finder(settings, Known(), edge_filter, network)


def test_edge_counts_follow_the_edges_through_the_steps():
    definitions = benchmark.definitions_of(0.01)

    counts = benchmark.edge_counts(finder(Half(), Half()), EVENT, definitions[0])

    wanted, built, filtered, left = counts
    assert built / wanted == pytest.approx(0.9, abs=0.03)
    assert filtered / built == pytest.approx(0.5, abs=0.03)
    assert left / filtered == pytest.approx(0.5, abs=0.03)


def test_edge_counts_of_a_finder_without_filter_and_network_stay():
    definitions = benchmark.definitions_of(0.01)

    _, built, filtered, left = benchmark.edge_counts(finder(), EVENT, definitions[0])

    assert built == filtered == left


def test_measure_counts_tracks_of_all_events():
    definitions = benchmark.definitions_of(0.9)

    row = benchmark.measure(finder(), [Source(), Source()], definitions)

    counts = row.judgement.counts[definitions[0]]
    assert row.judgement.events == 2
    assert 0.5 < counts.found / counts.particles < 1.0
    assert row.seconds > 0
    assert row.network is None


def test_measure_has_the_time_of_a_network_apart():
    definitions = benchmark.definitions_of(0.9)

    row = benchmark.measure(finder(network=Half()), [Source()], definitions)

    assert 0 < row.network < row.seconds


def test_shipped_finders_are_those_of_the_samples():
    found = benchmark.shipped(SAMPLES.parent)

    assert found["finder"] == SAMPLES.parent / "finder"
    assert found["finder_trees"] == SAMPLES.parent / "finder_trees"
    assert "events" not in found


def test_peer_is_what_acts_has_found():
    definitions = benchmark.definitions_of(0.9)

    row = benchmark.peer(SAMPLES, open_events([str(SAMPLES)]), definitions)

    counts = row.judgement.counts[definitions[0]]
    assert counts.found / counts.particles > 0.85
    assert row.cpu_seconds > 0
    assert row.seconds is None


def test_peer_has_the_seconds_of_its_events_alone():
    events = json.loads((SAMPLES / "ckf.json").read_text())["events"]
    sources = open_events([str(SAMPLES)])

    rows = [benchmark.peer(SAMPLES, [one], ()) for one in sources]

    spent = [events[one.name]["cpu_seconds"] for one in sources]
    assert [row.cpu_seconds for row in rows] == spent
    assert spent[0] != spent[1]


def test_peer_of_events_without_its_tracks_is_none(tmp_path):
    assert benchmark.peer(tmp_path, [], benchmark.definitions_of(0.9)) is None


def test_cells_are_in_the_order_of_the_headings():
    definitions = benchmark.definitions_of(0.9)
    row = benchmark.measure(finder(), [Source()], definitions)

    line = benchmark.cells("toys", "known", row, definitions)

    assert len(line) == len(benchmark.HEADINGS)
    assert line[:2] == ["toys", "known"]
    assert float(line[benchmark.HEADINGS.index("graph")]) == pytest.approx(
        row.edges[1] / row.edges[0], abs=1e-4
    )


def test_named_wants_a_name_and_a_place():
    assert benchmark.named(["a=b/c=d"]) == {"a": Path("b/c=d")}
    with pytest.raises(SettingsError, match=r"NAME=PLACE.*'folder'"):
        benchmark.named(["folder"])
