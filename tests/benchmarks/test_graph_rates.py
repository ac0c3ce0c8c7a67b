import numpy as np
import pytest
from PIL import Image

from benchmarks.graph_rates import draw_rates, rates, rates_table
from benchmarks.helices import helix_event
from trackdnn.events.views import View
from trackdnn.graphs.graph import Graph, graph_of
from trackdnn.graphs.truth_graphs import true_edges
from trackdnn.settings.finding import ViewSettings

EVENT = helix_event(600, seed=3)


class Half:
    """Finds every second true edge, and one that is false for each."""

    def __init__(self):
        self.seen = []

    def build(self, event):
        assert event.truth is None
        known = next(part for part in _parts() if len(part) == len(event))
        self.seen.append(len(event))
        pairs = true_edges(known, "modulewise")[:, ::2]
        owner = known.owner()
        wrong = np.flatnonzero(owner[1:] != owner[:-1])[: pairs.shape[1]]
        both = np.concatenate([pairs, np.stack([wrong, wrong + 1])], axis=1)
        return graph_of(event, both)


def _parts():
    for share in (0.25, 1.0):
        for seed in range(1, 5):
            settings = ViewSettings(particles=share, seed=seed)
            yield View(settings, "evaluation").apply(EVENT)


@pytest.fixture(scope="module")
def found():
    return list(rates("half", Half(), EVENT, 40.0, [10.0, 40.0]))


def test_rates_are_those_of_the_graphs(found):
    for rate, share in zip(found, (0.25, 1.0), strict=True):
        assert rate.true.value == pytest.approx(0.5, abs=0.02)
        assert rate.true.lower < 0.5 < rate.true.upper + 0.01
        assert rate.purity == pytest.approx(0.5, abs=0.01)
        assert rate.hits == pytest.approx(share * len(EVENT), rel=0.25)
    pairs = len(EVENT) * (len(EVENT) - 1) / 2
    assert found[1].false == pytest.approx(found[1].true.passed / pairs, rel=0.05)


def test_small_pile_up_is_drawn_more_often():
    made = Half()

    list(rates("half", made, EVENT, 40.0, [10.0]))

    assert len(made.seen) == 4


def test_constructor_without_edges_has_a_rate_of_zero():
    class Nothing:
        def build(self, event):
            return Graph(hits=len(event), edges=np.zeros((2, 0), np.int32))

    (rate,) = rates("nothing", Nothing(), EVENT, 1.0, [1.0])

    assert (rate.true.value, rate.false, rate.purity) == (0.0, 0.0, 0.0)


def test_table_and_picture_show_each_rate(found, tmp_path):
    text = rates_table(found).to_markdown()
    paths = draw_rates(found, tmp_path)

    assert text.count("| half |") == 2
    with Image.open(next(path for path in paths if path.suffix == ".png")) as image:
        assert min(image.size) > 500
