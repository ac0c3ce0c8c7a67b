import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.builders.chains import chains
from trackdnn.data.randomness import generator
from trackdnn.events.event import without_truth
from trackdnn.graphs.edge_network.task import GraphTask
from trackdnn.graphs.edge_network.units import unit_of
from trackdnn.settings.finding import EdgeNetworkSettings, MaskSettings
from trackdnn.tracking.pivots.micrographs import draw_micrographs
from trackdnn.tracking.pivots.training import MaskTraining

SETTINGS = MaskSettings(micrographs=12, tokens=16, width=16, heads=2, blocks=1)


class Shelf(dict):
    """Units in memory."""


@pytest.fixture(scope="module")
def units():
    events = [toy_event(20, noise=10, seed=seed) for seed in (1, 2, 3)]
    edges = EdgeNetworkSettings()
    rng = generator(1, "edges")
    made = [unit_of(event, chains(event, false=60), edges, rng) for event in events]
    return Shelf(enumerate(made))


@pytest.fixture(scope="module")
def task(units):
    plain = GraphTask(
        settings=EdgeNetworkSettings(),
        shelves=[units],
        units=3,
        validation=units,
        judged=3,
    )
    return MaskTraining(SETTINGS).task(plain)


def test_training_draws_the_micrographs_of_a_unit(units):
    unit = units[0]
    event = toy_event(20, noise=10, seed=1)

    columns = MaskTraining(SETTINGS).columns(unit, generator(1, "a graph"))

    graph = chains(event, false=60)
    expected = draw_micrographs(
        event.owner(),
        graph.edges,
        graph.score,
        generator(1, "a graph"),
        SETTINGS,
        float(np.count_nonzero(unit["weight"])),
    )
    assert set(columns) == set(expected)
    for name, column in expected.items():
        np.testing.assert_array_equal(columns[name], column)


def test_training_batches_count_hits_from_the_start_of_their_chunk(task, units):
    stage = EdgeNetworkSettings().stages[0].model_copy(update={"batch_size": 3})

    [chunk] = task.batches(1, stage, 1).epochs(1)

    columns = chunk.columns()
    assert columns["tokens"].shape == (36, 16)
    starts = chunk.offsets["nodes"]
    event = np.repeat(np.arange(3), 12)[:, None]
    for name in ("token", "pivot"):
        rows, there = columns[f"{name}s"], columns[f"{name}_valid"] > 0
        inside = (rows >= starts[event]) & (rows < starts[event + 1])
        assert inside[there].all()


def test_training_has_the_losses_of_edges_and_of_masks(task):
    outputs = [term.output for term in task.terms(EdgeNetworkSettings().stages[0])]

    assert outputs[-2:] == ["mask", "mask"]
    assert "edge" in outputs


def test_training_gives_a_head_what_the_settings_say():
    assert MaskTraining(SETTINGS).options == {"width": 16, "heads": 2, "blocks": 1}


@pytest.mark.slow
def test_training_of_masks_makes_tracks(tmp_path):
    from tests.trackdnn.graphs.edge_filter.windows import Windows
    from tests.trackdnn.graphs.edge_network.small import STAGE, settings, training
    from tests.trackdnn.tracking.builders.chains import particles_of, sets_of
    from trackdnn.graphs.edge_network.network import EdgeNetwork
    from trackdnn.settings.finding import PivotsSettings
    from trackdnn.tracking.builders.pivots import Pivots
    from trackdnn.tracking.pivots.mask_network import MaskNetwork

    stages = [{**STAGE, "epochs": 20}]
    folder = tmp_path / "network"
    training(
        folder, settings(stages=stages), masks=MaskTraining(SETTINGS), number=6
    ).run()

    event = toy_event(12, noise=4, seed=50)
    bare = without_truth(event)
    graph = EdgeNetwork.load(folder, threads=1).apply(bare, Windows().build(bare))
    # So few epochs leave false edges scores that a tuning would cut away.
    cuts = PivotsSettings(simple=False, cut=0.3)
    builder = Pivots(cuts, MaskNetwork.load(folder, threads=1))
    tracks = sets_of(builder.build(bare, graph))
    right = [
        sum(2 * len(track & one) > max(len(track), len(one)) for track in tracks)
        for one in particles_of(event)
    ]
    assert sum(right) > 0.5 * len(right)
